import { Progress, Stack, Text } from '@mantine/core'
import type { Export } from '@tributary/sdk'
import { countText } from '../../parts/format.ts'
import { StateBadge } from '../../parts/state-badge.tsx'

const STATES = {
  queued: { color: 'gray', label: 'Queued' },
  running: { color: 'water', label: 'Running' },
  ready: { color: 'teal', label: 'Ready' },
  failed: { color: 'red', label: 'Failed' },
  cancelled: { color: 'gray', label: 'Cancelled' },
  expired: { color: 'gray', label: 'Expired' },
} as const

/** Where an export is, how far, and why it failed. */
export function ExportState({ task }: { task: Export }) {
  const { state, rows, rowsExpected, lastError } = task
  const { color, label } = STATES[state]
  return (
    <Stack gap={4}>
      <StateBadge color={color} label={label} />
      {state === 'running' && rowsExpected !== null && (
        <>
          <Progress
            value={rowsExpected === 0 ? 100 : (100 * rows) / rowsExpected}
            aria-label="Rows that are written"
            size="sm"
          />
          <Text size="xs" c="dimmed">
            of about {countText(rowsExpected)}
          </Text>
        </>
      )}
      {lastError !== null && (
        <Text size="xs" c="var(--mantine-color-error)">
          {lastError}
        </Text>
      )}
    </Stack>
  )
}
