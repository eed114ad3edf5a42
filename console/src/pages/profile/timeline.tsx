import { Button, Chip, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { EmptyState } from '../../parts/empty-state.tsx'
import { More } from '../../parts/more.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RouteLoading } from '../../shell/route-loading.tsx'
import { TimelineEntry } from './timeline-entry.tsx'
import { useTimeline } from './use-timeline.ts'
import type { EntryKind } from './use-timeline.ts'

const KINDS: readonly [EntryKind, string][] = [
  ['event', 'Events'],
  ['transaction', 'Purchases'],
  ['change', 'Changes'],
  ['merge', 'Merges'],
]

/** Everything that happened to somebody, the newest first. */
export function Timeline({ profileId }: { profileId: number }) {
  const [kinds, setKinds] = useState<string[]>(KINDS.map(([kind]) => kind))
  const timeline = useTimeline(
    profileId,
    KINDS.map(([kind]) => kind).filter((kind) => kinds.includes(kind)),
  )
  const { entries, isLoading, error, more, refetch } = timeline
  return (
    <Stack gap="md">
      <Chip.Group multiple value={kinds} onChange={setKinds}>
        <Group gap="xs" role="group" aria-label="What is shown">
          {KINDS.map(([kind, label]) => (
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
