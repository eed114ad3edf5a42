import { Badge } from '@mantine/core'
import type { Message } from '@tributary/sdk'
import { STATES } from './message-words.ts'

/** What became of a message. */
export function StateBadge({ state }: { state: Message['state'] }) {
  const { label, color } = STATES[state]
  return (
    <Badge variant="dot" color={color} tt="none" fw={500}>
      {label}
    </Badge>
  )
}
