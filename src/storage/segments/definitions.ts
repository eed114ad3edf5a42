import { LARGEST_UUID } from '../../lib/ids.ts'
import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { InstantPlace } from '../../model/page.ts'
import type { Condition } from '../../model/segment.ts'
import { brokenUniqueConstraint, prepared } from '../db.ts'
import type { Queryable } from '../db.ts'

/** A segment as stored. */
export interface SegmentRow {
  workspaceId: number
  segmentId: string
  /** Unique in its workspace. */
  name: string
  definition: Condition
  /** Raised by every change of the name or the definition. */
  version: number
  createdAt: Instant
  /** The e-mail of a user, or the label of an api key. */
  createdBy: string
  updatedAt: Instant
  updatedBy: string
}

interface StoredSegment {
  workspace_id: number
  segment_id: string
  name: string
  definition: Condition
  version: number
  created_at: Date
  created_by: string
  updated_at: Date
  updated_by: string
}

const COLUMNS =
  'workspace_id, segment_id, name, definition, version, created_at, created_by, updated_at, updated_by'

const insertOne = prepared(
  'segment-insert',
  `insert into segment (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
)

/** Stores a new segment; false when the workspace has one of this name. The transaction is over then. */
export async function insertSegment(db: Queryable, row: SegmentRow): Promise<boolean> {
  const written = [toRfc3339(row.createdAt), row.createdBy, toRfc3339(row.updatedAt), row.updatedBy]
  const definition = JSON.stringify(row.definition)
  return isUnique(
    insertOne(db, [row.workspaceId, row.segmentId, row.name, definition, row.version, ...written]),
  )
}

const updateOne = prepared(
  'segment-update',
  `update segment set name = $3, definition = $4, version = $5, updated_at = $6, updated_by = $7
    where workspace_id = $1 and segment_id = $2`,
)

/** Writes a segment anew; false when the workspace has another one of this name. The transaction is over then. */
export async function updateSegment(db: Queryable, row: SegmentRow): Promise<boolean> {
  const definition = JSON.stringify(row.definition)
  const written = [toRfc3339(row.updatedAt), row.updatedBy]
  return isUnique(
    updateOne(db, [row.workspaceId, row.segmentId, row.name, definition, row.version, ...written]),
  )
}

async function isUnique(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (brokenUniqueConstraint(error) === 'segment_name') return false
    throw error
  }
}

/** Which segment. */
export type SegmentKey = Pick<SegmentRow, 'workspaceId' | 'segmentId'>

// Primary key.
const findOne = prepared<StoredSegment>(
  'segment-find',
  `select ${COLUMNS} from segment where workspace_id = $1 and segment_id = $2`,
)

/** A segment. */
export async function findSegment(
  db: Queryable,
  { workspaceId, segmentId }: SegmentKey,
): Promise<SegmentRow | undefined> {
  const [row] = await findOne(db, [workspaceId, segmentId])
  return row && fromStored(row)
}

// Index segment_name.
const findByName = prepared<StoredSegment>(
  'segment-find-by-name',
  `select ${COLUMNS} from segment where workspace_id = $1 and name = $2`,
)

/** The segment of a workspace that has this name. */
export async function findSegmentByName(
  db: Queryable,
  workspaceId: number,
  name: string,
): Promise<SegmentRow | undefined> {
  const [row] = await findByName(db, [workspaceId, name])
  return row && fromStored(row)
}

// Primary key.
const lockOne = prepared<StoredSegment>(
  'segment-lock',
  `select ${COLUMNS} from segment where workspace_id = $1 and segment_id = $2 for update`,
)

/** A segment, which nobody else changes until the transaction is over. */
export async function lockSegment(
  db: Queryable,
  { workspaceId, segmentId }: SegmentKey,
): Promise<SegmentRow | undefined> {
  const [row] = await lockOne(db, [workspaceId, segmentId])
  return row && fromStored(row)
}

// Primary key, by its first column: a workspace has some hundreds of segments at most, and they are sorted as read.
const findMany = prepared<StoredSegment>(
  'segment-list',
  `select ${COLUMNS} from segment
    where workspace_id = $1
      and ($2::timestamptz is null or (created_at, segment_id) < ($2::timestamptz, $3::uuid))
    order by created_at desc, segment_id desc limit $4`,
)

/** Segments of a workspace, newest first. */
export async function findSegments(
  db: Queryable,
  workspaceId: number,
  { after, limit }: { after: InstantPlace | undefined; limit: number },
): Promise<SegmentRow[]> {
  const place = [after === undefined ? null : toRfc3339(after.at), after?.id ?? LARGEST_UUID]
  return (await findMany(db, [workspaceId, ...place, limit])).map(fromStored)
}

const deleteOne = prepared(
  'segment-delete',
  'delete from segment where workspace_id = $1 and segment_id = $2',
)

/** Deletes a segment. */
export async function deleteSegment(db: Queryable, { workspaceId, segmentId }: SegmentKey): Promise<void> {
  await deleteOne(db, [workspaceId, segmentId])
}

function fromStored(row: StoredSegment): SegmentRow {
  return {
    workspaceId: row.workspace_id,
    segmentId: row.segment_id,
    name: row.name,
    definition: row.definition,
    version: row.version,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.getTime(),
    updatedBy: row.updated_by,
  }
}
