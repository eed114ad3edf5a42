import type { Message } from '@tributary/sdk'
import { StateBadge } from '../../parts/state-badge.tsx'
import { STATES } from './message-words.ts'

/** What became of a message. */
export function MessageState({ state }: { state: Message['state'] }) {
  const { label, color } = STATES[state]
  return <StateBadge color={color} label={label} />
}
