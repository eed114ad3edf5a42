import { Button, Chip, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { useMay } from '../../api/session.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { More } from '../../parts/more.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RouteLoading } from '../../shell/route-loading.tsx'
import { TimelineEntry } from './timeline-entry.tsx'
import { useTimeline } from './use-timeline.ts'
import type { EntryKind } from './use-timeline.ts'

/** Kinds of entries, what they are called, and the permission that their list needs. */
const KINDS: readonly [EntryKind, string, string][] = [
  ['event', 'Events', 'events:read'],
  ['transaction', 'Purchases', 'events:read'],
  ['change', 'Changes', 'profiles:read'],
  ['merge', 'Merges', 'profiles:read'],
]

/** Everything that happened to somebody, as far as one may see it, the newest first. */
export function Timeline({ profileId }: { profileId: number }) {
  const [kinds, setKinds] = useState<string[]>(KINDS.map(([kind]) => kind))
  const may = useMay()
  const offered = KINDS.filter(([, , needs]) => may(needs))
  const timeline = useTimeline(
    profileId,
    offered.map(([kind]) => kind).filter((kind) => kinds.includes(kind)),
  )
  const { entries, isLoading, error, more, refetch } = timeline
  return (
    <Stack gap="md">
      <Chip.Group multiple value={kinds} onChange={setKinds}>
        <Group gap="xs" role="group" aria-label="What is shown">
          {offered.map(([kind, label]) => (
            <Chip key={kind} value={kind} size="xs">
              {label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {error && (
        <ProblemAlert error={error} action={<Button onClick={() => void refetch()}>Try again</Button>} />
      )}
      {isLoading && !error && <RouteLoading />}
      {!isLoading && entries.length === 0 && !error && <EmptyState title="Nothing happened yet" />}
      <Stack gap={0} component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
        {entries.map((entry) => (
          <li key={entry.key}>
            <TimelineEntry entry={entry} profileId={profileId} />
          </li>
        ))}
      </Stack>
      <More query={more} />
    </Stack>
  )
}
