import type { Instant } from '../lib/time.ts'
import { toRfc3339 } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** What one thing of a flush is: an event, a change of a profile, or an entry of the ledger. */
export type BatchItemKind = 'event' | 'change' | 'rejection'

/** One thing that a flush brought: where it is stored, and what the live stream can choose by. */
export interface BatchItem {
  kind: BatchItemKind
  dialect: string
  /** Name of the event, reason of the rejection; empty for a change. */
  name: string
  /** 0 where an entry of the ledger knows no profile. */
  profileId: number
  /** Of the event, the change or the entry. */
  id: string
}

/** What stands in the column: every label once, each item as label, profile and id. */
export interface StoredItems {
  labels: [kind: BatchItemKind, dialect: string, name: string][]
  items: [label: number, profileId: number, id: string][]
}

/** The items as they are stored: a flush of a thousand has few labels. */
export function encodeItems(items: readonly BatchItem[]): StoredItems {
  const labels: StoredItems['labels'] = []
  const places = new Map<string, number>()
  const encoded = items.map(({ kind, dialect, name, profileId, id }): StoredItems['items'][number] => {
    const key = `${kind}|${dialect}|${name}`
    const place = places.get(key) ?? labels.push([kind, dialect, name]) - 1
    places.set(key, place)
    return [place, profileId, id]
  })
  return { labels, items: encoded }
}

/** The items that {@link encodeItems} made this of. */
export function decodeItems({ labels, items }: StoredItems): BatchItem[] {
  return items.flatMap(([place, profileId, id]) => {
    const label = labels[place]
    if (!label) return []
    const [kind, dialect, name] = label
    return [{ kind, dialect, name, profileId, id }]
  })
}

/** A place in the order in which followers read: by transaction, then by number. */
export interface BatchPlace {
  xid: string
  number: number
}

/** A flush of one workspace, as the live stream reads it. */
export interface LiveBatch extends BatchPlace {
  workspaceId: number
  items: readonly BatchItem[]
}

const snapshotXmin = prepared<{ xmin: string }>(
  'live-xmin',
  'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
)

/** Every flush of a lower transaction has ended; no lower one can still appear. */
export async function findHorizon(db: Queryable): Promise<string> {
  const [row] = await snapshotXmin(db, [])
  if (!row) throw new Error('a snapshot has no xmin')
  return row.xmin
}

interface StoredBatch {
  number: number
  xid: string
  workspace_id: number
  items: StoredItems
}

// Index ingest_batch_xid, as in follower-read.
const findAfter = prepared<StoredBatch>(
  'live-read',
  `select number, xid::text, workspace_id, items from ingest_batch
    where (xid, number) > ($1::xid8, $2::bigint) and xid < $3::xid8 and workspace_id = any($4::integer[])
      and at >= $5::timestamptz
    order by xid, number limit $6`,
)

/** Which flushes to read: those of these workspaces after a place, before a transaction, not older than `since`. */
export interface LiveQuery {
  after: BatchPlace
  beforeXid: string
  workspaceIds: readonly number[]
  since: Instant
  limit: number
}

/** Flushes in the order of their commits. */
export async function findLiveBatches(db: Queryable, query: LiveQuery): Promise<LiveBatch[]> {
  const { after, beforeXid, workspaceIds, since, limit } = query
  const rows = await findAfter(db, [
    after.xid,
    after.number,
    beforeXid,
    workspaceIds,
    toRfc3339(since),
    limit,
  ])
  return rows.map(({ number, xid, workspace_id: workspaceId, items }) => ({
    number,
    xid,
    workspaceId,
    items: decodeItems(items),
  }))
}

// Primary key.
const findByNumber = prepared<{ xid: string; at: Date }>(
  'live-place',
  'select xid::text, at from ingest_batch where number = $1 and workspace_id = $2',
)

/** Where a flush of this workspace stands in the order; undefined when it is forgotten, or another workspace's. */
export async function findBatchPlace(
  db: Queryable,
  workspaceId: number,
  number: number,
): Promise<(BatchPlace & { at: Instant }) | undefined> {
  const [row] = await findByNumber(db, [number, workspaceId])
  return row && { xid: row.xid, number, at: row.at.getTime() }
}
