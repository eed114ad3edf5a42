import type { Change, Event, Rejection } from '@tributary/sdk'

interface Common {
  dialect: string
  profileId: number | null
  /** From its receipt to when the stream gave it, milliseconds. */
  lagMs: number
}

/** What the stream tells of: something that was taken in, or refused. */
export type LiveItem =
  | (Common & { kind: 'event'; outcome: 'accepted'; event: Event })
  | (Common & { kind: 'change'; outcome: 'accepted'; change: Change })
  | (Common & { kind: 'rejection'; outcome: 'rejected'; rejection: Rejection })

/** By what one item is told from all others. */
export function keyOfItem(item: LiveItem): string {
  return `${item.kind} ${recordOf(item).id}`
}

/** What was stored of it. */
export function recordOf(item: LiveItem): Event | Change | Rejection {
  switch (item.kind) {
    case 'event':
      return item.event
    case 'change':
      return item.change
    case 'rejection':
      return item.rejection
  }
}

/** What happened, in a few words. */
export function titleOfItem(item: LiveItem): string {
  switch (item.kind) {
    case 'event':
      return item.event.name
    case 'change':
      return `Profile: ${item.change.changes.map(({ name }) => name).join(', ')}`
    case 'rejection':
      return `${item.rejection.operation}: ${item.rejection.reason}`
  }
}

/** When the server received it. */
export function receivedAt(item: LiveItem): string {
  return item.kind === 'event'
    ? item.event.receivedAt
    : item.kind === 'change'
      ? item.change.at
      : item.rejection.at
}
