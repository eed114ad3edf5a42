import { Badge, Progress, Stack, Text } from '@mantine/core'
import type { Import } from '@tributary/sdk'
import { countText } from '../../parts/format.ts'

const COLORS: Readonly<Record<Import['state'], string>> = {
  queued: 'gray',
  running: 'blue',
  paused: 'yellow',
  done: 'teal',
  failed: 'red',
  cancelled: 'gray',
}

/** Whether something still happens by itself. */
export function isUnderWay({ state }: Pick<Import, 'state'>): boolean {
  return state === 'queued' || state === 'running'
}

/** What becomes of an import, in a word. */
export function ImportState({ state }: Pick<Import, 'state'>) {
  return (
    <Badge variant="dot" color={COLORS[state]} tt="none">
      {state}
    </Badge>
  )
}

/** How far an import is. */
export function ImportProgress({ total, processed }: Pick<Import, 'total' | 'processed'>) {
  const share = total === 0 ? 100 : (processed / total) * 100
  return (
    <Stack gap={2} miw={120}>
      <Progress value={share} aria-label={`${Math.floor(share)} % of the rows`} />
      <Text size="xs" c="dimmed">
        {countText(processed)} of {countText(total)} rows
      </Text>
    </Stack>
  )
}
