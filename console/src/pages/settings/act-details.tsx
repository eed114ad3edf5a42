import { Stack, Text } from '@mantine/core'
import type { Act } from '@tributary/sdk'
import { Facts } from '../../parts/facts.tsx'
import { JsonBlock } from '../../parts/json-block.tsx'
import { Time } from '../../parts/time.tsx'

/** All that is kept of an act. */
export function ActDetails({ act }: { act: Act }) {
  const { at, actor, action, object, address, traceId, detail } = act
  const isEmpty = detail === null || Object.keys(detail as object).length === 0
  return (
    <Stack gap="md">
      <Facts
        facts={{
          When: <Time at={at} whole />,
          Act: action,
          On: object ?? undefined,
          By: `${actor.name} (${KINDS[actor.kind] ?? actor.kind})`,
          From: address ?? undefined,
          'Trace id': traceId ?? undefined,
        }}
      />
      {!isEmpty && (
        <div>
          <Text size="sm" fw={600}>
            What was said
          </Text>
          <JsonBlock value={detail} />
        </div>
      )}
    </Stack>
  )
}

const KINDS: Readonly<Record<string, string>> = {
  user: 'a user',
  key: 'an API key',
  config: 'at a start of the server',
  cli: 'at the command line',
}
