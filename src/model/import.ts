import type { Json } from '../lib/json.ts'
import type { Instant } from '../lib/time.ts'
import type { Command } from './command.ts'
import type { Workspace } from './workspace.ts'

/** States of an import that callers see; the last three are final, but for a failed one that is resumed. */
export const IMPORT_STATES = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const

/** One of {@link IMPORT_STATES}. */
export type ImportState = (typeof IMPORT_STATES)[number]

/** Rows that were brought in one call and are stored behind it. */
export interface ImportTask {
  workspaceId: number
  /** Below 2^53, never used twice. */
  importId: number
  state: ImportState
  /** The dialect and the operation that took the rows. */
  dialect: string
  operation: string
  /** Names the {@link ImportMapper} of its rows. */
  kind: string
  /** Names the credential without its secret. */
  credential: string
  traceId: string
  /** What the mapper was told: columns, types. */
  options: Json
  /** Rows are checked and counted, nothing is stored. */
  isDryRun: boolean
  total: number
  /** Of `processed` rows some `created` a profile, some `updated` one, some are `refused`; the rest was stored before. */
  processed: number
  created: number
  updated: number
  refused: number
  /** What went wrong at the last try, as `CODE: sentence`; undefined once a try succeeds. */
  lastError: string | undefined
  createdAt: Instant
  startedAt: Instant | undefined
  endedAt: Instant | undefined
}

/** A row of an import as it is kept until it is stored. */
export interface ImportedRow {
  /** Where it stood: the line of a file, or the place in a list, as its mapper counts. */
  line: number
  /** Left out where the row could not be read; `problem` then says why and `text` what stood there. */
  values?: Json
  problem?: string
  text?: string
  /** The id of the row's event, where the row has none of its own. */
  id?: string
}

/** A row that is not stored. */
export interface ImportRefusal {
  line: number
  code: string
  detail: string
  /** JSON pointer of what is at fault, as the mapper counts. */
  pointer: string
  /** The row as it came. */
  item: Json
}

/** How the rows of one kind of import become commands; a vendor's mapper stands in its dialect. */
export interface ImportMapper {
  /** Unique over all mappers; kept with each import. */
  kind: string
  /** The dialect that the rows are stored as. */
  source: string
  /** Prepares for the rows of one import. */
  compile: (options: Json, workspace: Workspace) => RowMap
}

/** How the rows of one import are read. */
export interface RowMap {
  /** The command that a row means; an error of the table refuses the row. */
  map: (row: ImportedRow, receivedAt: Instant) => Command
  /** The row as people see it, in the ledger and among the refused ones. */
  show: (row: ImportedRow) => Json
}
