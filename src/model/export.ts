import type { JsonObject } from '../lib/json.ts'
import type { Instant } from '../lib/time.ts'
import type { Computed, ComputedKind } from './computed.ts'
import type { IdentifierKind } from './identity.ts'
import type { Condition } from './segment.ts'

/** States of an export; the last four are final. The file is there while it is `ready`. */
export const EXPORT_STATES = ['queued', 'running', 'ready', 'failed', 'cancelled', 'expired'] as const

/** One of {@link EXPORT_STATES}. */
export type ExportState = (typeof EXPORT_STATES)[number]

/** What the rows of an export are. */
export const EXPORT_KINDS = ['profiles', 'events'] as const

/** One of {@link EXPORT_KINDS}. */
export type ExportKind = (typeof EXPORT_KINDS)[number]

/** How the rows of an export are written. */
export const EXPORT_FORMATS = ['ndjson', 'csv', 'parquet'] as const

/** One of {@link EXPORT_FORMATS}. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** What a column of profiles may hold beside identifiers and attributes. */
export const PROFILE_FACTS = [
  'profileId',
  'identifiers',
  'attributes',
  'tags',
  'consents',
  'mergedFrom',
  'createdAt',
  'updatedAt',
  'lastActivityAt',
] as const

/** What a column of events may hold beside a single property. */
export const EVENT_FACTS = [
  'eventId',
  'profileId',
  'name',
  'occurredAt',
  'receivedAt',
  'sentAt',
  'source',
  'properties',
] as const

/** One of {@link PROFILE_FACTS}. */
export type ProfileFact = (typeof PROFILE_FACTS)[number]

/** One of {@link EVENT_FACTS}. */
export type EventFact = (typeof EVENT_FACTS)[number]

/**
 * A column of an export, by where its values come from. A source of another kind is a further member of this union, with its
 * name as it stands in the file, and one more case where columns become SQL (`src/storage/exports/columns.ts`).
 */
export type ExportColumn = StoredColumn | ComputedColumn

/** A column whose values are stored. */
export type StoredColumn =
  | { source: 'profile'; name: ProfileFact }
  | { source: 'event'; name: EventFact }
  | { source: 'identifier'; name: IdentifierKind }
  /** One attribute of a profile (`attributes.city`), or one property of an event (`properties.total`). */
  | { source: 'member'; name: string; of: 'attributes' | 'properties'; member: string }

/** An aggregate or an expression of a profile. `computed` is what the id stood for when the export was made. */
export interface ComputedColumn {
  source: 'computed'
  name: string
  kind: ComputedKind
  id: string
  computed?: Computed
}

/** What an export is to hold; columns in their order. */
export type ExportContent =
  | {
      kind: 'profiles'
      columns: readonly ExportColumn[]
      /** Who; all profiles where it is left out. As the segment said when the export was made. */
      segment?: { segmentId: string; definition: Condition }
    }
  | {
      kind: 'events'
      columns: readonly ExportColumn[]
      /** When they happened: inclusive, exclusive; open where it is left out. */
      from?: Instant
      to?: Instant
      /** Only events of these names. */
      names?: readonly string[]
    }

/** A file of rows that is written behind the call that asks for it. */
export interface ExportTask {
  workspaceId: number
  /** Below 2^53, never used twice. */
  exportId: number
  state: ExportState
  format: ExportFormat
  /** Whether the file is compressed; Parquet compresses inside and never is. */
  isGzip: boolean
  content: ExportContent
  /** Names who asked for it, without a secret. */
  createdBy: string
  /** Rows and bytes that are written. */
  rows: number
  bytes: number
  /** How many rows are to be expected; undefined while nobody knows. */
  rowsExpected: number | undefined
  /** The instant that the rows show. */
  snapshotAt: Instant | undefined
  /** What went wrong at the last try, as `CODE: sentence`. */
  lastError: string | undefined
  createdAt: Instant
  startedAt: Instant | undefined
  endedAt: Instant | undefined
  /** When the file is deleted. */
  expiresAt: Instant | undefined
  /** How long it is kept once it is written, in milliseconds; undefined for as long as the workspace keeps any. */
  lifetimeMs: number | undefined
  /** What whoever asked for it wants to find with it again; nobody else reads it. */
  memo: JsonObject | undefined
}
