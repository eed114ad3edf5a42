/** Tributary's own API: a function and types for each operation, and a client for servers that collects what it sends. */
export * from './generated/index.ts'
export { createClient } from './generated/client/index.ts'
export type { Client } from './generated/client/index.ts'
export { IDENTIFIER_KINDS } from './items.ts'
export type { Facts, IdentifierKind, TrackOptions, Who } from './items.ts'
export { openTracker } from './tracker.ts'
export type { Lost, Refused, Tracker, TrackerOptions } from './tracker.ts'
