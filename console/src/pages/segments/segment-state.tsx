import { Progress, Stack, Text } from '@mantine/core'
import type { Segment } from '@tributary/sdk'
import { countText } from '../../parts/format.ts'
import { StateBadge } from '../../parts/state-badge.tsx'

const STATES = {
  ready: { color: 'teal', label: 'Ready' },
  building: { color: 'water', label: 'Building' },
  failed: { color: 'red', label: 'Failed' },
} as const

/** Whether the members of a segment are whole, and how far it is until they are. */
export function SegmentState({ segment }: { segment: Segment }) {
  const { state, progress } = segment
  const { color, label } = STATES[state]
  return (
    <Stack gap={4} maw={180}>
      <StateBadge color={color} label={label} />
      {state === 'building' && progress && <Building {...progress} />}
    </Stack>
  )
}

function Building({ done, total }: { done: number; total: number }) {
  return (
    <>
      <Progress
        value={total === 0 ? 100 : (100 * done) / total}
        aria-label="Profiles that were looked at"
        size="sm"
      />
      <Text size="xs" c="dimmed">
        {countText(done)} of {countText(total)}
      </Text>
    </>
  )
}
