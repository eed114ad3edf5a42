import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Condition } from '../../model/segment.ts'
import { prepared } from '../db.ts'
import type { Queryable } from '../db.ts'
import type { SegmentKey } from './definitions.ts'

/** A segment for one occasion. */
export interface LocalSegmentRow extends SegmentKey {
  /** What whoever made it calls it; it need not be unique. */
  name: string | undefined
  /** With the definitions that its ids stand for. */
  definition: Condition
  createdAt: Instant
  /** The e-mail of a user, or the label of an api key. */
  createdBy: string
  expiresAt: Instant
}

const insertOne = prepared(
  'local-segment-insert',
  `insert into local_segment (workspace_id, segment_id, name, definition, created_at, created_by, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7)`,
)

/** Stores one. */
export async function insertLocalSegment(db: Queryable, row: LocalSegmentRow): Promise<void> {
  const { workspaceId, segmentId, name, definition, createdAt, createdBy, expiresAt } = row
  const what = [name ?? null, JSON.stringify(definition)]
  await insertOne(db, [
    workspaceId,
    segmentId,
    ...what,
    toRfc3339(createdAt),
    createdBy,
    toRfc3339(expiresAt),
  ])
}

// Primary key.
const findOne = prepared<{ definition: Condition }>(
  'local-segment-find',
  `select definition from local_segment
    where workspace_id = $1 and segment_id = $2 and expires_at > $3::timestamptz`,
)

/** The definition of one that is not over at an instant. */
export async function findLocalDefinition(
  db: Queryable,
  { workspaceId, segmentId }: SegmentKey,
  at: Instant,
): Promise<Condition | undefined> {
  const [row] = await findOne(db, [workspaceId, segmentId, toRfc3339(at)])
  return row?.definition
}

// Index local_segment_expiry.
const deleteOld = prepared(
  'local-segment-expire',
  'delete from local_segment where expires_at <= $1::timestamptz',
)

/** Deletes those of every workspace that are over at an instant. */
export async function expireLocalSegments(db: Queryable, at: Instant): Promise<void> {
  await deleteOld(db, [toRfc3339(at)])
}
