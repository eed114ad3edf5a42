import type { ConsentChannel, ConsentState } from './attributes.ts'
import type { CdpError } from './errors.ts'
import type { IdentifierKind } from './identity.ts'
import type { Json } from '../lib/json.ts'
import type { Instant } from '../lib/time.ts'
import type { Workspace } from './workspace.ts'

/** An identifier as a sender wrote it. For `alias` the label says whose id it is. */
export interface RawIdentifier {
  kind: IdentifierKind
  value: string
  label?: string
}

/** Types of an attribute where a dialect fixes one. */
export type AttributeType = 'string' | 'number' | 'boolean' | 'date' | 'array' | 'object'

/**
 * A dialect whose first datapoint fixes an attribute's type: later values of another type are dropped.
 * `perTypeMax` is how many attributes of one type a profile or one event name may have.
 */
export interface Typing {
  /** JSON pointer of the object that holds the typed attributes. */
  pointer: string
  types: Readonly<Record<string, AttributeType>>
  perTypeMax: number
}

/** Attributes to set on a profile; null removes one. */
export interface AttributeWrite {
  values: Readonly<Record<string, Json>>
  typing?: Typing
}

/** An answer for one channel; `at` defaults to the time of receipt. */
export interface ConsentWrite {
  channel: ConsentChannel
  state: ConsentState
}

/** An event to append. `messageId` is the sender's id of it: the first one stored wins. */
export interface EventWrite {
  name: string
  occurredAt: Instant
  sentAt?: Instant
  properties: Readonly<Record<string, Json>>
  typing?: Typing
  messageId?: string
}

/** Why something that was sent is not in the store as it was sent; these names are what the ledger shows. */
export type RejectionReason =
  | 'attribute_name_invalid'
  | 'attribute_name_reserved'
  | 'attribute_type_limit'
  | 'attribute_type_mismatch'
  | 'attribute_value_invalid'
  | 'attribute_value_too_large'
  | 'contact_held'
  | 'event_name_reserved'
  | 'field_unknown'
  | 'identifier_held'
  | 'identifier_ignored'
  | 'identifier_invalid'
  | 'identifier_junk'
  | 'internal'
  | 'number_as_text'
  | 'profile_too_large'
  | 'request_refused'
  | 'text_replaced'

/** Something dropped behind a success answer. `pointer` is a JSON pointer into the request body. */
export interface Notice {
  reason: RejectionReason
  pointer: string
}

/** One item of a request in the product's words: who, and what is now known about them. */
export interface Command {
  /** The identifiers as sent, the most trusted first: the first known one decides the profile. */
  identifiers: readonly RawIdentifier[]
  attributes?: AttributeWrite
  consents?: readonly ConsentWrite[]
  event?: EventWrite
  /** JSON pointer of the item in the request body. */
  pointer: string
  /** The item as sent, for the ledger. */
  item: unknown
  /** What the mapping dropped already. */
  notices: readonly Notice[]
}

/** The answer that goes back to the caller; kept for a replay with the same Idempotency-Key. */
export interface Answer {
  status: number
  body: unknown
}

/** What became of one command. */
export type CommandResult =
  | { ok: true; profileId: number; eventId?: string; duplicate: boolean }
  | { ok: false; error: CdpError; pointer: string }

/** An item of which nothing is stored although the request succeeds. */
export interface Dropped extends Notice {
  item: unknown
  /** Whom the item named, for the ledger. */
  identifiers?: readonly RawIdentifier[]
}

/**
 * One request's commands; never split over two transactions. `all`: one refusal refuses every command.
 * `each`: every command stands for itself. `answer` is called before the commit, so that it can be stored.
 */
export interface Unit {
  workspace: Workspace
  dialect: string
  operation: string
  /** Names the credential in the change log, without its secret. */
  credential: string
  traceId: string
  receivedAt: Instant
  atomic: 'all' | 'each'
  /** What the unit weighs in memory while it waits: bytes of the request body; 0 where there is none. */
  bytes: number
  commands: readonly Command[]
  /** Items that the vendor's contract says to accept and ignore. */
  dropped: readonly Dropped[]
  idempotency?: { key: string; body: string }
  answer: (results: readonly CommandResult[]) => Answer
}
