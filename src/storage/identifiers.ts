import { IDENTIFIER_KINDS, identifierKindOf } from '../model/identity.ts'
import type { HeldIdentifier, Identifier } from '../model/identity.ts'
import { toRfc3339 } from '../lib/time.ts'
import { asRows, prepared, writesAll } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** An identifier and the profile it leads to. */
export interface IdentifierRow extends HeldIdentifier {
  workspaceId: number
  profileId: number
}

interface StoredRow {
  workspace_id: number
  kind: number
  value: string
  profile_id: number
  source: string
  first_seen_at: Date
  is_primary: boolean
}

// Primary key (workspace_id, kind, value).
const findByKey = prepared<StoredRow>(
  'identifier-find-by-key',
  `select i.workspace_id, i.kind, i.value, i.profile_id, i.source, i.first_seen_at, i.is_primary
     from json_to_recordset($1::json) as k(w integer, k smallint, v text)
     join identifier i on i.workspace_id = k.w and i.kind = k.k and i.value = k.v`,
)

// Index identifier_profile.
const findByProfile = prepared<StoredRow>(
  'identifier-find-by-profile',
  `select i.workspace_id, i.kind, i.value, i.profile_id, i.source, i.first_seen_at, i.is_primary
     from json_to_recordset($1::json) as k(w integer, p bigint)
     join identifier i on i.workspace_id = k.w and i.profile_id = k.p`,
)

const insertNew = prepared<{ kind: number }>(
  'identifier-insert',
  `insert into identifier (workspace_id, kind, value, profile_id, source, first_seen_at, is_primary)
   select w, k, v, p, s, f, m
     from json_to_recordset($1::json)
       as r(w integer, k smallint, v text, p bigint, s text, f timestamptz, m boolean)
   on conflict do nothing
   returning kind`,
)

// `o` is the profile it led to when it was read: a change in between makes the row miss. One that was freed and taken
// again inside a transaction is new at its holder.
const moveHeld = prepared<{ kind: number }>(
  'identifier-move',
  `update identifier i set profile_id = r.p, is_primary = r.m, source = r.s, first_seen_at = r.f
     from json_to_recordset($1::json)
       as r(w integer, k smallint, v text, o bigint, p bigint, s text, f timestamptz, m boolean)
    where i.workspace_id = r.w and i.kind = r.k and i.value = r.v and i.profile_id = r.o
   returning i.kind`,
)

const deleteHeld = prepared<{ kind: number }>(
  'identifier-delete',
  `delete from identifier i
    using json_to_recordset($1::json) as r(w integer, k smallint, v text, o bigint)
    where i.workspace_id = r.w and i.kind = r.k and i.value = r.v and i.profile_id = r.o
   returning i.kind`,
)

/** The rows of those identifiers that exist, in no order. */
export async function findIdentifiers(
  db: Queryable,
  keys: readonly ({ workspaceId: number } & Identifier)[],
): Promise<IdentifierRow[]> {
  const rows = keys.map((key) => ({ w: key.workspaceId, k: IDENTIFIER_KINDS[key.kind].code, v: key.value }))
  return (await findByKey(db, [asRows(rows)])).map(fromStored)
}

/** All identifiers of those profiles, in no order. */
export async function findIdentifiersOfProfiles(
  db: Queryable,
  profiles: readonly { workspaceId: number; profileId: number }[],
): Promise<IdentifierRow[]> {
  const rows = profiles.map(({ workspaceId, profileId }) => ({ w: workspaceId, p: profileId }))
  return (await findByProfile(db, [asRows(rows)])).map(fromStored)
}

// Index identifier_profile. Bytes are in the order of code points, as compareText has them but for the rarest of letters.
const lockOfProfile = prepared<{ kind: number }>(
  'identifier-lock-of-profile',
  `select kind from identifier where workspace_id = $1 and profile_id = $2
    order by kind, value collate "C" for update`,
)

/** Locks the identifiers of a profile until the transaction ends, in the order in which a flush writes them. */
export async function lockIdentifiersOf(
  tx: Transaction,
  workspaceId: number,
  profileId: number,
): Promise<void> {
  await lockOfProfile(tx, [workspaceId, profileId])
}

/** What a flush does to the identifier table; `heldBy` is the profile that the row led to when it was read. */
export interface IdentifierChanges {
  inserted: readonly IdentifierRow[]
  moved: readonly (IdentifierRow & { heldBy: number })[]
  deleted: readonly ({ workspaceId: number; heldBy: number } & Identifier)[]
}

/**
 * Writes the changes in key order, so that two flushers cannot deadlock on them.
 * @returns false when a row was not as it had been read: someone else wrote, run the flush again
 */
export async function saveIdentifiers(db: Queryable, changes: IdentifierChanges): Promise<boolean> {
  const deleted = changes.deleted.map((row) => ({ ...keyColumns(row), o: row.heldBy }))
  const moved = changes.moved.map((row) => ({ ...columns(row), o: row.heldBy }))
  const inserted = changes.inserted.map(columns)
  return (
    (await writesAll(db, deleteHeld, inKeyOrder(deleted))) &&
    (await writesAll(db, moveHeld, inKeyOrder(moved))) &&
    (await writesAll(db, insertNew, inKeyOrder(inserted)))
  )
}

interface KeyColumns {
  w: number
  k: number
  v: string
}

function inKeyOrder<Row extends KeyColumns>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.w - b.w || a.k - b.k || compareText(a.v, b.v))
}

function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

function keyColumns(row: { workspaceId: number } & Identifier): KeyColumns {
  return { w: row.workspaceId, k: IDENTIFIER_KINDS[row.kind].code, v: row.value }
}

function columns(row: IdentifierRow): KeyColumns & { p: number; s: string; f: string; m: boolean } {
  return {
    ...keyColumns(row),
    p: row.profileId,
    s: row.source,
    f: toRfc3339(row.firstSeenAt),
    m: row.isPrimary,
  }
}

function fromStored(row: StoredRow): IdentifierRow {
  return {
    workspaceId: row.workspace_id,
    profileId: row.profile_id,
    kind: identifierKindOf(row.kind),
    value: row.value,
    source: row.source,
    firstSeenAt: row.first_seen_at.getTime(),
    isPrimary: row.is_primary,
  }
}
