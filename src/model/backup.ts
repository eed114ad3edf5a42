import type { Instant } from '../lib/time.ts'

/** One partition of a table that is cut by time; `from` undefined means from the beginning of time. */
export interface BackupPartition {
  name: string
  from: Instant | undefined
  to: Instant
}

/** A column whose values come from a sequence, and the last value that the sequence gave out. */
export interface BackupSequence {
  column: string
  /** Decimal text; undefined when it gave none yet. */
  last: string | undefined
}

/** What is to be known of a table before its rows are there. */
export interface TableShape {
  name: string
  /** In the order in which rows are written; columns that PostgreSQL computes are left out. */
  columns: readonly string[]
  partitions: readonly BackupPartition[]
  sequences: readonly BackupSequence[]
}

/** The content of a table in two numbers that do not depend on the order of its rows; decimal text. */
export interface TableSum {
  rows: string
  checksum: string
}

/** A table with its content. */
export type BackupTable = TableShape & TableSum

/** A migration that made the schema. */
export interface MigrationMark {
  version: number
  name: string
  checksum: string
}

/** What a backup holds of a database, as it was at one instant. */
export interface BackupContent {
  /** `server_version_num` of the PostgreSQL that it comes from. */
  postgres: number
  migrations: readonly MigrationMark[]
  tables: readonly BackupTable[]
}

/** The last entry of a backup file: what the rest must be. */
export interface BackupManifest extends BackupContent {
  product: 'tributary'
  /** Of the file, see docs/decisions/0024. */
  format: number
  /** Of the product that wrote it. */
  version: string
  snapshotAt: Instant
  /** Tells one secret key from another without giving it away; undefined when there was none. */
  secretKey: string | undefined
}
