import { LARGEST_UUID } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { Computed, ComputedKind } from '../model/computed.ts'
import type { InstantPlace } from '../model/page.ts'
import { brokenUniqueConstraint, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** An aggregate or an expression as stored. */
export type ComputedRow = Computed & {
  workspaceId: number
  computedId: string
  /** Unique in its workspace, among both kinds. */
  name: string
  /** Which definition it is: raised by every change. */
  version: number
  createdAt: Instant
  /** The e-mail of a user, or the label of an api key. */
  createdBy: string
  updatedAt: Instant
  updatedBy: string
}

interface StoredComputed {
  workspace_id: number
  computed_id: string
  kind: ComputedKind
  name: string
  definition: ComputedRow['definition']
  version: number
  created_at: Date
  created_by: string
  updated_at: Date
  updated_by: string
}

const COLUMNS =
  'workspace_id, computed_id, kind, name, definition, version, created_at, created_by, updated_at, updated_by'

const lockAlone = prepared(
  'computed-lock',
  `select pg_advisory_xact_lock(hashtextextended($1::integer::text, 7414200028))`,
)

/** Keeps everybody else from changing definitions of a workspace, and from beginning to refer to them. */
export async function lockComputed(db: Queryable, workspaceId: number): Promise<void> {
  await lockAlone(db, [workspaceId])
}

const lockTogether = prepared(
  'computed-hold',
  `select pg_advisory_xact_lock_shared(hashtextextended($1::integer::text, 7414200028))`,
)

/** Keeps definitions of a workspace as they are until the transaction is over. */
export async function holdComputed(db: Queryable, workspaceId: number): Promise<void> {
  await lockTogether(db, [workspaceId])
}

const insertOne = prepared(
  'computed-insert',
  `insert into computed (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
)

/** Stores a new definition; false when the workspace has one of this name. The transaction is over then. */
export async function insertComputed(db: Queryable, row: ComputedRow): Promise<boolean> {
  const { workspaceId, computedId, kind, name, version } = row
  const written = [toRfc3339(row.createdAt), row.createdBy, toRfc3339(row.updatedAt), row.updatedBy]
  const definition = JSON.stringify(row.definition)
  return isUnique(insertOne(db, [workspaceId, computedId, kind, name, definition, version, ...written]))
}

const updateOne = prepared(
  'computed-update',
  `update computed set name = $3, definition = $4, version = $5, updated_at = $6, updated_by = $7
    where workspace_id = $1 and computed_id = $2`,
)

/** Writes a definition anew; false when the workspace has another one of this name. The transaction is over then. */
export async function updateComputed(db: Queryable, row: ComputedRow): Promise<boolean> {
  const definition = JSON.stringify(row.definition)
  const written = [toRfc3339(row.updatedAt), row.updatedBy]
  return isUnique(
    updateOne(db, [row.workspaceId, row.computedId, row.name, definition, row.version, ...written]),
  )
}

async function isUnique(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (brokenUniqueConstraint(error) === 'computed_name') return false
    throw error
  }
}

/** Which definition. */
export interface ComputedKey {
  workspaceId: number
  kind: ComputedKind
  computedId: string
}

// Primary key.
const findOne = prepared<StoredComputed>(
  'computed-find',
  `select ${COLUMNS} from computed where workspace_id = $1 and computed_id = $2 and kind = $3`,
)

/** A definition. */
export async function findComputed(
  db: Queryable,
  { workspaceId, computedId, kind }: ComputedKey,
): Promise<ComputedRow | undefined> {
  const [row] = await findOne(db, [workspaceId, computedId, kind])
  return row && fromStored(row)
}

// Primary key, by its first column: a workspace has some hundreds at most, and they are sorted as read.
const findMany = prepared<StoredComputed>(
  'computed-list',
  `select ${COLUMNS} from computed
    where workspace_id = $1 and kind = $2
      and ($3::timestamptz is null or (created_at, computed_id) < ($3::timestamptz, $4::uuid))
    order by created_at desc, computed_id desc limit $5`,
)

/** Definitions of a kind, newest first. */
export async function findComputedPage(
  db: Queryable,
  { workspaceId, kind }: Pick<ComputedKey, 'workspaceId' | 'kind'>,
  { after, limit }: { after: InstantPlace | undefined; limit: number },
): Promise<ComputedRow[]> {
  const place = [after === undefined ? null : toRfc3339(after.at), after?.id ?? LARGEST_UUID]
  return (await findMany(db, [workspaceId, kind, ...place, limit])).map(fromStored)
}

// Primary key, by its first column.
const findAll = prepared<StoredComputed>(
  'computed-all',
  `select ${COLUMNS} from computed where workspace_id = $1 order by created_at desc, computed_id desc`,
)

/** Every definition of a workspace, of both kinds, newest first. */
export async function findAllComputed(db: Queryable, workspaceId: number): Promise<ComputedRow[]> {
  return (await findAll(db, [workspaceId])).map(fromStored)
}

const deleteOne = prepared(
  'computed-delete',
  'delete from computed where workspace_id = $1 and computed_id = $2',
)

/** Deletes a definition, whoever refers to it. */
export async function deleteComputed(db: Queryable, { workspaceId, computedId }: ComputedKey): Promise<void> {
  await deleteOne(db, [workspaceId, computedId])
}

/** A segment or a computed value that may refer to a definition. */
export interface Mention {
  kind: ComputedKind | 'segment'
  name: string
  definition: object
}

// The first columns of primary keys; there are some hundreds of each.
const findMentioning = prepared<Mention>(
  'computed-mentions',
  `select 'segment' as kind, name, definition from segment
    where workspace_id = $1 and strpos(definition::text, $2::text) > 0
   union all
   select kind, name, definition from computed
    where workspace_id = $1 and strpos(definition::text, $2::text) > 0
   order by 1, 2`,
)

/** Whose definition has this id anywhere in its text. */
export async function findMentions(
  db: Queryable,
  { workspaceId, computedId }: ComputedKey,
): Promise<Mention[]> {
  return findMentioning(db, [workspaceId, computedId])
}

function fromStored(row: StoredComputed): ComputedRow {
  const { kind, definition } = row
  return {
    ...({ kind, definition } as Computed),
    workspaceId: row.workspace_id,
    computedId: row.computed_id,
    name: row.name,
    version: row.version,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.getTime(),
    updatedBy: row.updated_by,
  }
}
