import { Alert, Button, Group, JsonInput, Stack, Text } from '@mantine/core'
import { replayRejection } from '@tributary/sdk'
import type { Rejection } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { DialectBadge } from '../../parts/dialects.tsx'
import { Facts } from '../../parts/facts.tsx'
import { countText, plural } from '../../parts/format.ts'
import { JsonBlock } from '../../parts/json-block.tsx'
import { REASON_WORDS } from './reason-words.ts'
import { PersonLink } from '../../parts/person-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Time } from '../../parts/time.tsx'

/** Why an item was refused, what it said, and the way to send it again once that is mended. */
export function RejectionDetails({ rejection }: { rejection: Rejection }) {
  const { dialect, operation, reason, detail, pointer, profileId, at, occurrences, traceId, replayedAt } =
    rejection
  return (
    <Stack gap="md">
      <Facts
        facts={{
          Why: detail ?? REASON_WORDS[reason] ?? reason,
          Reason: reason,
          Place: pointer === '' ? 'the whole item' : pointer,
          API: <DialectBadge dialect={dialect} />,
          Operation: operation,
          Person: <PersonLink profileId={profileId} />,
          When: <Time at={at} whole />,
          Times: countText(occurrences),
          'Trace id': traceId,
          'Sent again': replayedAt === null ? undefined : <Time at={replayedAt} whole />,
        }}
      />
      <Payload key={rejection.id} rejection={rejection} />
    </Stack>
  )
}

function Payload({ rejection }: { rejection: Rejection }) {
  const { item, itemTruncated } = rejection
  const may = useMay()
  if (item === null)
    return (
      <Alert color="yellow" title="What it said is not kept any more">
        It was too large, or it is older than the ledger keeps.
      </Alert>
    )
  if (itemTruncated || !may('rejections:replay')) {
    return (
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          What it said{itemTruncated && ' (only its beginning is kept)'}
        </Text>
        <JsonBlock value={parsed(item)} />
      </Stack>
    )
  }
  return <ReplayForm rejection={rejection} item={item} />
}

function ReplayForm({ rejection, item }: { rejection: Rejection; item: string }) {
  const before = JSON.stringify(parsed(item), undefined, 2)
  const [text, setText] = useState(before)
  const queryClient = useQueryClient()
  const replay = useMutation({
    mutationFn: () => {
      const body = text === before ? {} : { item: JSON.parse(text) as unknown }
      return answerOf(replayRejection({ client, path: { rejectionId: rejection.id }, body }))
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['rejections'] }),
  })
  return (
    <Stack gap="xs">
      <JsonInput
        label="What it said"
        description="Mend it here and send it again, or send it as it was once the cause is gone."
        value={text}
        onChange={setText}
        autosize
        minRows={6}
        maxRows={20}
        formatOnBlur
        validationError="This is no JSON."
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
      />
      {replay.error && <ProblemAlert error={replay.error} />}
      {replay.data !== undefined && (
        <Alert color="teal" title="It was taken in" role="status">
          {plural(replay.data.items.length, 'item')} of it went through the operation that had refused it.
        </Alert>
      )}
      <Group>
        <Button
          loading={replay.isPending}
          disabled={parsed(text) === undefined}
          onClick={() => replay.mutate()}
        >
          {text === before ? 'Send again as it was' : 'Send again, mended'}
        </Button>
      </Group>
    </Stack>
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
