import type { ConsentChannel, ConsentState } from './attributes.ts'
import type { Device } from './device.ts'
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

/**
 * Changes an attribute from what is stored, where a missing one counts as 0 or as an empty list. On a value of
 * another type the command is refused.
 */
export type AttributeOperator =
  | { operator: 'increment'; by: number }
  /** Takes every member that equals one of `items` out of a list, or appends those that it lacks. */
  | { operator: 'remove' | 'add'; items: readonly Json[] }

/** Attributes to set on a profile; null removes one. A name stands in `values` or in `operators`, not in both. */
export interface AttributeWrite {
  values: Readonly<Record<string, Json>>
  operators?: Readonly<Record<string, AttributeOperator>>
  typing?: Typing
}

/** An answer for one channel; `at` defaults to the time of receipt. */
export interface ConsentWrite {
  channel: ConsentChannel
  state: ConsentState
}

/** An event that belongs to another one, such as a line of a purchase; its id derives from that one's and its place. */
export interface EventPart {
  name: string
  properties: Readonly<Record<string, Json>>
}

/** An event to append. */
export interface EventWrite {
  name: string
  occurredAt: Instant
  sentAt?: Instant
  /** The time as the sender wrote it, where `occurredAt` is not that very instant or the text must be kept. */
  originalTime?: string
  properties: Readonly<Record<string, Json>>
  typing?: Typing
  /** The sender's id of it: what carries the same one again is the same event. */
  messageId?: string
  /** Inside which a `messageId` is unique, where that is less than dialect and workspace. */
  messageScope?: string
  /**
   * What an event with a stored `messageId` does: the first one stays (default); the new one takes its place, if it is the same
   * person's; or the new one counts alone, whatever person, name and time the stored one has.
   */
  onDuplicate?: 'keep' | 'replace' | 'supersede'
  parts?: readonly EventPart[]
  /** Name of a property that gets the list of the ids of `parts`. */
  partIdsProperty?: string
}

/** A purchase that its dialect states as one. Amounts are decimal texts, exact, all in `currency` (ISO 4217). */
export interface TransactionWrite {
  orderId: string
  currency: string
  /** What was paid for the whole, as the sender says it. */
  value: string
  revenue: string
  discount?: string
  paymentMethod?: string
  lines: readonly TransactionLine[]
}

/** One line of a purchase. `quantity` and `unitPrice` are decimal texts. */
export interface TransactionLine {
  sku: string
  name: string
  quantity: string
  unitPrice: string
}

/** Why something that was sent is not in the store as it was sent; these names are what the ledger shows. */
export type RejectionReason =
  | 'attribute_name_invalid'
  | 'attribute_name_reserved'
  | 'attribute_type_limit'
  | 'attribute_type_mismatch'
  | 'attribute_value_invalid'
  | 'attribute_value_too_large'
  | 'company_unknown'
  | 'contact_held'
  | 'erased'
  | 'event_name_reserved'
  | 'field_unknown'
  | 'identifier_held'
  | 'identifier_ignored'
  | 'identifier_invalid'
  | 'identifier_junk'
  | 'identity_conflict'
  | 'internal'
  | 'number_as_text'
  | 'profile_too_large'
  | 'profile_unknown'
  | 'request_refused'
  | 'text_replaced'
  | 'time_in_future'

/** Reasons that stand for a whole item, of which nothing is stored: it can be sent again. */
export const WHOLE_ITEM_REASONS: ReadonlySet<string> = new Set<RejectionReason>([
  'event_name_reserved',
  'identity_conflict',
  'internal',
  'profile_unknown',
  'request_refused',
])

/** Something dropped behind a success answer. `pointer` is a JSON pointer into the request body. */
export interface Notice {
  reason: RejectionReason
  pointer: string
}

/** Puts one tag on the profile, or takes it off, by its id. */
export interface TagChange {
  tagId: number
  /**
   * `clear` takes off a tag that was removed from the workspace; the others refuse the command when the workspace has no
   * such tag.
   */
  change: 'assign' | 'remove' | 'clear'
}

/** One item of a request in the product's words: who, and what is now known about them. */
export interface Command {
  /** The identifiers as sent, the most trusted first: the first known one decides the profile. */
  identifiers: readonly RawIdentifier[]
  /** The id of a living profile; it decides before every identifier. */
  profileId?: number
  /** `existing`: a command that leads to no stored profile is refused instead of creating one. */
  target?: 'any' | 'existing'
  /** What a command does that may not create a profile and leads to none: it is refused (default), or ignored with a note. */
  onUnknown?: 'refuse' | 'ignore'
  /** Refuses the command unless the profile has this version. */
  ifVersion?: number
  /** What is done about an identifier that another profile holds: it stays there with a note (default), or refuses. */
  onHeld?: 'note' | 'refuse'
  /** Identifiers for a profile that this command creates. */
  onCreate?: readonly RawIdentifier[]
  /**
   * How identifiers of several profiles in one command are settled: `adopt` as design.md says; `exclusive`: an
   * anonymous profile joins the one it is identified with, everything else between two profiles changes nothing.
   */
  identityRule?: 'adopt' | 'exclusive'
  /** Refuses the command unless the profile, as it is after this write, has this e-mail. `pointer` says where it stands. */
  profileEmail?: { value: string; pointer: string }
  attributes?: AttributeWrite
  consents?: readonly ConsentWrite[]
  /** Names of tags to put on the profile; those that do not exist are made. */
  tags?: readonly string[]
  tagChange?: TagChange
  /** A device to link to the profile, which must be stored; the device moves here from any other profile. */
  device?: Device
  /**
   * What becomes of the device's id as an identifier of the profile that had the device: it moves along (default), or stays
   * with somebody who is known: whoever learns the id of a device must not get what comes in by it.
   */
  deviceIdentifier?: 'move' | 'leave'
  /** Makes the profile a company, which others may belong to. */
  isCompany?: true
  /** The profile id of the company that the profile belongs to since `event` happened; an unknown one is noted. */
  companyId?: number
  event?: EventWrite
  /** Goes with `event`, which tells of it on the timeline. */
  transaction?: TransactionWrite
  /** JSON pointer of the item in the request body. */
  pointer: string
  /** A phone number beside a stronger identifier is identity as well, and settled like an e-mail. */
  phoneIdentifies?: true
  /** JSON pointers of contacts that stand elsewhere than right in the item, as `email` and `phone`. */
  contactPointers?: Readonly<Record<'email' | 'phone', string>>
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
  | {
      ok: true
      profileId: number
      eventId?: string
      duplicate: boolean
      version?: number
      /** This command made the profile. */
      created?: true
      /** When the tag of `tagChange` was put on the profile, now or before. */
      assignedAt?: Instant
    }
  /** Accepted as the contract says, and nothing of it is stored; the ledger says why. */
  | { ok: true; ignored: RejectionReason }
  | { ok: false; error: CdpError; pointer: string }

/** An item of which nothing is stored although the request succeeds. */
export interface Dropped extends Notice {
  item: unknown
  /** What the caller is told, where it is: a sentence without values. */
  detail?: string
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
  /** Refuses what its contract would accept and ignore. */
  strict?: boolean
  /** What the unit weighs in memory while it waits: bytes of the request body; 0 where there is none. */
  bytes: number
  commands: readonly Command[]
  /** Items that the vendor's contract says to accept and ignore. */
  dropped: readonly Dropped[]
  idempotency?: { key: string; body: string }
  answer: (results: readonly CommandResult[]) => Answer
}
