import { LARGEST_UUID } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { InstantPlace } from '../model/page.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** A note about a profile; `profileId` is the one that it was written for. */
export interface NoteRow {
  workspaceId: number
  profileId: number
  noteId: string
  subject: string
  body: string
  createdAt: Instant
  /** The e-mail of a user, or the label of an api key. */
  createdBy: string
  /** Who created it; undefined where that was an api key. */
  userId: number | undefined
  updatedAt: Instant
  updatedBy: string
}

interface StoredNote {
  workspace_id: number
  profile_id: number
  note_id: string
  subject: string
  body: string
  created_at: Date
  created_by: string
  user_id: number | null
  updated_at: Date
  updated_by: string
}

const COLUMNS =
  'workspace_id, profile_id, note_id, subject, body, created_at, created_by, user_id, updated_at, updated_by'

const insertOne = prepared(
  'note-insert',
  `insert into note (${COLUMNS}, origin_profile_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $2)`,
)

/** Stores a new note. */
export async function insertNote(tx: Transaction, row: NoteRow): Promise<void> {
  await insertOne(tx, [
    row.workspaceId,
    row.profileId,
    row.noteId,
    row.subject,
    row.body,
    toRfc3339(row.createdAt),
    row.createdBy,
    row.userId ?? null,
    toRfc3339(row.updatedAt),
    row.updatedBy,
  ])
}

/** Where a note is: one of the profile ids of one person. */
export interface NoteKey {
  workspaceId: number
  profileIds: readonly number[]
  noteId: string
}

// Primary key (workspace_id, profile_id, note_id).
const findOne = prepared<StoredNote>(
  'note-find-one',
  `select ${COLUMNS} from note where workspace_id = $1 and profile_id = any($2::bigint[]) and note_id = $3`,
)

/** A note of one person. */
export async function findNote(
  db: Queryable,
  { workspaceId, profileIds, noteId }: NoteKey,
): Promise<NoteRow | undefined> {
  const [row] = await findOne(db, [workspaceId, profileIds, noteId])
  return row && fromStored(row)
}

const updateOne = prepared<StoredNote>(
  'note-update',
  `update note set subject = coalesce($4, subject), body = coalesce($5, body), updated_at = $6, updated_by = $7
    where workspace_id = $1 and profile_id = any($2::bigint[]) and note_id = $3
   returning ${COLUMNS}`,
)

/** What changes about a note; what is undefined stays. */
export interface NoteChange {
  subject: string | undefined
  body: string | undefined
  updatedAt: Instant
  updatedBy: string
}

/** Changes a note; undefined when there is none. */
export async function updateNote(
  tx: Transaction,
  { workspaceId, profileIds, noteId }: NoteKey,
  { subject, body, updatedAt, updatedBy }: NoteChange,
): Promise<NoteRow | undefined> {
  const texts = [subject ?? null, body ?? null]
  const values = [workspaceId, profileIds, noteId, ...texts, toRfc3339(updatedAt), updatedBy]
  const [row] = await updateOne(tx, values)
  return row && fromStored(row)
}

const deleteOne = prepared<{ profile_id: number }>(
  'note-delete',
  `delete from note where workspace_id = $1 and profile_id = any($2::bigint[]) and note_id = $3
   returning profile_id`,
)

/** Deletes a note; false when there is none. */
export async function deleteNote(
  tx: Transaction,
  { workspaceId, profileIds, noteId }: NoteKey,
): Promise<boolean> {
  return (await deleteOne(tx, [workspaceId, profileIds, noteId])).length > 0
}

/** Which notes of one person, newest first. */
export interface NoteQuery {
  workspaceId: number
  profileIds: readonly number[]
  after: InstantPlace | undefined
  limit: number
}

// Primary key, by its first two columns: a person has few notes, and they are sorted as read.
const findMany = prepared<StoredNote>(
  'note-find',
  `select ${COLUMNS} from note
    where workspace_id = $1 and profile_id = any($2::bigint[])
      and ($3::timestamptz is null or (created_at, note_id) < ($3::timestamptz, $4::uuid))
    order by created_at desc, note_id desc
    limit $5`,
)

/** Notes of one person. */
export async function findNotes(
  db: Queryable,
  { workspaceId, profileIds, after, limit }: NoteQuery,
): Promise<NoteRow[]> {
  const place = [after === undefined ? null : toRfc3339(after.at), after?.id ?? LARGEST_UUID]
  return (await findMany(db, [workspaceId, profileIds, ...place, limit])).map(fromStored)
}

function fromStored(row: StoredNote): NoteRow {
  return {
    workspaceId: row.workspace_id,
    profileId: row.profile_id,
    noteId: row.note_id,
    subject: row.subject,
    body: row.body,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    userId: row.user_id ?? undefined,
    updatedAt: row.updated_at.getTime(),
    updatedBy: row.updated_by,
  }
}
