import { LARGEST_UUID } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** Where an erasure is. */
export interface ErasureKey {
  workspaceId: number
  erasureId: string
}

/** An erasure and what it counted, without anything about the person. */
export interface ErasureRow extends ErasureKey {
  profileId: number
  state: 'running' | 'done'
  /** Names who asked, without a secret. */
  requestedBy: string
  at: Instant
  endedAt: Instant | undefined
  tombstone: 'none' | 'kept' | 'removed'
  /** How much went, by kind. */
  counts: Readonly<Record<string, number>>
  /** The code of what went wrong at the last try; undefined once a try succeeds. */
  lastError: string | undefined
}

interface StoredErasure {
  workspace_id: number
  erasure_id: string
  profile_id: number
  state: ErasureRow['state']
  requested_by: string
  at: Date
  ended_at: Date | null
  tombstone: ErasureRow['tombstone']
  counts: Record<string, number>
  last_error: string | null
}

const COLUMNS =
  'workspace_id, erasure_id, profile_id, state, requested_by, at, ended_at, tombstone, counts, last_error'

const insertOne = prepared(
  'erasure-insert',
  `insert into erasure (workspace_id, erasure_id, profile_id, state, requested_by, at, tombstone, counts, person_sealed,
                        place, position, next_attempt_at)
   values ($1, $2, $3, 'running', $4, $5, $6, $7::jsonb, $8, $9, '', $10)`,
)

/** An erasure whose first part is done: the profile with all that belongs to it. */
export interface NewErasure extends Pick<
  ErasureRow,
  'workspaceId' | 'erasureId' | 'profileId' | 'requestedBy' | 'at' | 'counts'
> {
  tombstone: 'none' | 'kept'
  personSealed: Buffer
  /** The place that is looked at first, and from when on. */
  place: string
  dueAt: Instant
}

/** Begins an erasure, in the transaction of its first part. */
export async function insertErasure(tx: Transaction, row: NewErasure): Promise<void> {
  await insertOne(tx, [
    row.workspaceId,
    row.erasureId,
    row.profileId,
    row.requestedBy,
    toRfc3339(row.at),
    row.tombstone,
    JSON.stringify(row.counts),
    row.personSealed,
    row.place,
    toRfc3339(row.dueAt),
  ])
}

// Primary key (workspace_id, erasure_id).
const findOne = prepared<StoredErasure>(
  'erasure-find',
  `select ${COLUMNS} from erasure where workspace_id = $1 and erasure_id = $2`,
)

/** An erasure of a workspace. */
export async function findErasure(
  db: Queryable,
  { workspaceId, erasureId }: ErasureKey,
): Promise<ErasureRow | undefined> {
  const [row] = await findOne(db, [workspaceId, erasureId])
  return row && fromStored(row)
}

// Primary key: ids are made in the order of time.
const findMany = prepared<StoredErasure>(
  'erasure-list',
  `select ${COLUMNS} from erasure where workspace_id = $1 and erasure_id < $2::uuid
    order by erasure_id desc limit $3`,
)

/** Erasures of a workspace, newest first. @param page `after` is the id of the last one that was given */
export async function findErasures(
  db: Queryable,
  workspaceId: number,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<ErasureRow[]> {
  return (await findMany(db, [workspaceId, after ?? LARGEST_UUID, limit])).map(fromStored)
}

const markRemoved = prepared<StoredErasure>(
  'erasure-tombstone-removed',
  `update erasure set tombstone = 'removed'
    where workspace_id = $1 and erasure_id = $2 and tombstone <> 'none' returning ${COLUMNS}`,
)

/** Notes that the tombstones of an erasure are gone; undefined when it never had any. */
export async function saveTombstoneRemoved(
  tx: Transaction,
  { workspaceId, erasureId }: ErasureKey,
): Promise<ErasureRow | undefined> {
  const [row] = await markRemoved(tx, [workspaceId, erasureId])
  return row && fromStored(row)
}

/** An erasure that somebody works on, and how far it is. */
export interface ClaimedErasure extends ErasureRow {
  /** Names who claimed it: nobody else's word about it counts. */
  claim: string
  personSealed: Buffer
  /** The place that is being looked at, and how far; empty at its beginning. */
  place: string
  position: string
  /** How often this page was tried, this time included. */
  attempts: number
}

// Index erasure_due. Whichever waited longest is next.
const claimNext = prepared<
  StoredErasure & { person_sealed: Buffer; place: string; position: string; attempts: number }
>(
  'erasure-claim',
  `update erasure set claim = $2, claimed_until = $3, attempts = attempts + 1
    where (workspace_id, erasure_id) in (
      select workspace_id, erasure_id from erasure
       where state = 'running' and next_attempt_at <= $1::timestamptz
         and (claimed_until is null or claimed_until <= $1::timestamptz)
       order by next_attempt_at limit 1 for update skip locked)
   returning ${COLUMNS}, person_sealed, place, position, attempts`,
)

/** Claims the erasure that is due and waited longest; nobody else gets it before `until`. */
export async function claimErasure(
  db: Queryable,
  { claim, at, until }: { claim: string; at: Instant; until: Instant },
): Promise<ClaimedErasure | undefined> {
  const [row] = await claimNext(db, [toRfc3339(at), claim, toRfc3339(until)])
  if (!row) return undefined
  const { person_sealed: personSealed, place, position, attempts } = row
  return { ...fromStored(row), claim, personSealed, place, position, attempts }
}

const advance = prepared<{ erasure_id: string }>(
  'erasure-advance',
  `update erasure
      set counts = $4::jsonb, place = coalesce($5, place), position = $6, next_attempt_at = $7, attempts = 0,
          last_error = null, claim = null, claimed_until = null,
          state = case when $5::text is null then 'done' else state end,
          ended_at = case when $5::text is null then $7::timestamptz end,
          person_sealed = case when $5::text is null then null else person_sealed end
    where workspace_id = $1 and erasure_id = $2 and claim = $3
   returning erasure_id`,
)

/** How far an erasure is after a page. */
export interface ErasureProgress {
  counts: Readonly<Record<string, number>>
  /** Undefined when every place was looked at: what the person was known by is forgotten with that. */
  place: string | undefined
  position: string
  dueAt: Instant
}

/** Notes a page in the transaction that erased it; false when somebody else has claimed the erasure since. */
export async function advanceErasure(
  tx: Transaction,
  { workspaceId, erasureId, claim }: ClaimedErasure,
  { counts, place, position, dueAt }: ErasureProgress,
): Promise<boolean> {
  const values = [JSON.stringify(counts), place ?? null, position, toRfc3339(dueAt)]
  return (await advance(tx, [workspaceId, erasureId, claim, ...values])).length > 0
}

const failOne = prepared(
  'erasure-attempt-failed',
  `update erasure set last_error = $4, next_attempt_at = $5, claim = null, claimed_until = null
    where workspace_id = $1 and erasure_id = $2 and claim = $3`,
)

/** Notes a failed try and gives the erasure back, unless somebody else has claimed it since. */
export async function saveFailedErasure(
  db: Queryable,
  { workspaceId, erasureId, claim }: ClaimedErasure,
  { lastError, dueAt }: { lastError: string; dueAt: Instant },
): Promise<void> {
  await failOne(db, [workspaceId, erasureId, claim, lastError, toRfc3339(dueAt)])
}

function fromStored(row: StoredErasure): ErasureRow {
  return {
    workspaceId: row.workspace_id,
    erasureId: row.erasure_id,
    profileId: row.profile_id,
    state: row.state,
    requestedBy: row.requested_by,
    at: row.at.getTime(),
    endedAt: row.ended_at?.getTime(),
    tombstone: row.tombstone,
    counts: row.counts,
    lastError: row.last_error ?? undefined,
  }
}
