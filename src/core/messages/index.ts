/** Messages to people: rendered, queued in the caller's transaction, delivered until they are out or given up. */
export { openMessages } from './messages.ts'
export type { Messages } from './messages.ts'
export type { NewMessage } from './enqueue.ts'
export { forgetMessages } from './forget.ts'
export type { MessageTemplate } from './templates.ts'
