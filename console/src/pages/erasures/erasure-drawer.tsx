import { Button, Drawer, Group, Stack, Text } from '@mantine/core'
import { getErasure, removeTombstone } from '@tributary/sdk'
import type { Erasure } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Facts } from '../../parts/facts.tsx'
import { countText } from '../../parts/format.ts'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { CopyText } from '../../parts/copy-text.tsx'
import { ErasureState } from './erasure-state.tsx'
import { LOOK_EVERY_MS, TOMBSTONES, countsShown } from './erasure-words.ts'

/** A receipt; it is looked at anew while the erasure runs. */
export function ErasureDrawer({ erasureId, onClose }: { erasureId: string; onClose: () => void }) {
  const query = useQuery({
    queryKey: ['erasures', 'one', erasureId],
    queryFn: ({ signal }) => answerOf(getErasure({ client, signal, path: { erasureId } })),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? LOOK_EVERY_MS : false),
  })
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title="Receipt of an erasure">
      <QueryState query={query} lines={8}>
        {(erasure) => <Receipt erasure={erasure} />}
      </QueryState>
    </Drawer>
  )
}

function Receipt({ erasure }: { erasure: Erasure }) {
  const { id, profileId, at, endedAt, requestedBy, tombstone, counts } = erasure
  const shown = countsShown(counts)
  return (
    <Stack gap="md">
      <Facts
        facts={{
          Person: `was profile ${profileId}`,
          State: <ErasureState erasure={erasure} />,
          'Asked by': requestedBy,
          'Asked at': <Time at={at} whole />,
          Ended: endedAt === null ? undefined : <Time at={endedAt} whole />,
          Receipt: <CopyText text={id} label="the id of the receipt" />,
        }}
      />
      <section aria-label="What went">
        <Text size="sm" fw={600} mb={4}>
          What went{erasure.state === 'running' && ', so far'}
        </Text>
        {shown.length === 0 ? (
          <Text size="sm">Nothing was there.</Text>
        ) : (
          <Facts facts={Object.fromEntries(shown.map(([kind, count]) => [kind, countText(count)]))} />
        )}
      </section>
      <section aria-label="Coming back">
        <Text size="sm" fw={600} mb={4}>
          Coming back
        </Text>
        <Text size="sm">{TOMBSTONES[tombstone].text}</Text>
        {tombstone === 'kept' && <RemoveTombstone erasureId={id} />}
      </section>
    </Stack>
  )
}

function RemoveTombstone({ erasureId }: { erasureId: string }) {
  const may = useMay()
  const queryClient = useQueryClient()
  const [isAsked, setAsked] = useState(false)
  const remove = useMutation({
    mutationFn: () => answerOf(removeTombstone({ client, path: { erasureId } })),
    onSuccess: () => {
      setAsked(false)
      notifyDone('The person may come back.')
      return queryClient.invalidateQueries({ queryKey: ['erasures'] })
    },
  })
  if (!may('profiles:erase')) return null
  return (
    <Group mt="xs">
      <Button variant="default" onClick={() => setAsked(true)}>
        Let the person come back
      </Button>
      {isAsked && (
        <ConfirmDialog
          title="Let the person come back"
          act="Take the hashes away"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(false)}
        >
          What names the person is stored again from then on. The hashes cannot be made anew: nobody knows any
          more of whom they were.
        </ConfirmDialog>
      )}
    </Group>
  )
}
