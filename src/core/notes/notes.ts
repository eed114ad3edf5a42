import { isUuid, newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Caller } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { deleteNote, findNote, findNotes, insertNote, updateNote } from '../../storage/notes.ts'
import type { NoteKey, NoteRow } from '../../storage/notes.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { runOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'
import { holdTarget, idsOfTarget } from '../profiles/index.ts'
import type { ProfileTarget } from '../profiles/index.ts'

/** Characters of a subject: it is a title. */
export const NOTE_SUBJECT_LENGTH_MAX = 255

/** Characters of a body: some pages of text; a body of a request may have more bytes than the longest note. */
export const NOTE_BODY_LENGTH_MAX = 50_000

/** Who writes: the e-mail of a user, or the label of an api key, which has no user id. */
export interface NoteAuthor {
  name: string
  userId: number | undefined
}

/** What a note says, as text: nothing in it is interpreted or cleaned. Whoever renders it as HTML must clean it. */
export interface NoteText {
  subject?: string | undefined
  body?: string | undefined
}

/** The notes of which profile. */
export interface NoteTarget extends ProfileTarget {
  workspaceId: number
}

/** Notes of profiles. A survivor shows those of the profiles that were merged into it; taking a merge back parts them again. */
export interface Notes {
  /** Newest first. @throws CDP_PROFILE_NOT_FOUND CDP_QUERY_INVALID the cursor is none of this list's */
  list(target: NoteTarget, page: { cursor: string | undefined; limit: number }): Promise<Page<NoteRow>>
  /** @throws CDP_PROFILE_NOT_FOUND CDP_NOTE_NOT_FOUND */
  get(target: NoteTarget, noteId: string): Promise<NoteRow>
  /** What is left out of the text is empty. @throws CDP_PROFILE_NOT_FOUND */
  create(target: NoteTarget, text: NoteText, author: NoteAuthor, once?: OnceRequest): Promise<NoteRow>
  /** What is left out of the text stays. @throws CDP_PROFILE_NOT_FOUND CDP_NOTE_NOT_FOUND */
  update(
    key: NoteTarget & { noteId: string },
    text: NoteText,
    by: NoteAuthor,
    once?: OnceRequest,
  ): Promise<NoteRow>
  /** For ever; the audit log keeps who did it. @throws CDP_PROFILE_NOT_FOUND CDP_NOTE_NOT_FOUND */
  delete(key: NoteTarget & { noteId: string }, actor: Actor, once?: OnceRequest): Promise<void>
}

/** Who a caller is to the notes that it writes. */
export function authorOf({ person, label }: Caller): NoteAuthor {
  return person?.kind === 'user'
    ? { name: person.email, userId: person.userId }
    : { name: label, userId: undefined }
}

/** Opens notes over a database. @param secretKey seals what is kept under an Idempotency-Key */
export function openNotes(db: Database, secretKey: Buffer): Notes {
  return {
    list: (target, page) => listNotes(db, target, page),
    get: ({ workspaceId, ...target }, noteId) =>
      guarded(async () => {
        const profileIds = await idsOfTarget(db.general, workspaceId, target)
        return found(
          isUuid(noteId) ? await findNote(db.general, { workspaceId, profileIds, noteId }) : undefined,
        )
      }),
    create: (target, text, author, once) =>
      runOnce(db, secretKey, once, (tx) => createNote(tx, target, text, author)),
    update: (key, text, by, once) =>
      runOnce(db, secretKey, once, async (tx) => {
        const change = { subject: text.subject, body: text.body, updatedAt: now(), updatedBy: by.name }
        return found(await updateNote(tx, await heldKey(tx, key), change))
      }),
    delete: async (key, actor, once) => {
      await runOnce(db, secretKey, once, (tx) => removeNote(tx, key, actor))
    },
  }
}

async function listNotes(
  db: Database,
  { workspaceId, ...target }: NoteTarget,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Page<NoteRow>> {
  const after = readPlace(cursor)
  return guarded(async () => {
    const profileIds = await idsOfTarget(db.general, workspaceId, target)
    const rows = await findNotes(db.general, { workspaceId, profileIds, after, limit: limit + 1 })
    const place = ({ createdAt: at, noteId: id }: NoteRow) => ({ at, id })
    return pageOf(rows, limit, place, (row) => row)
  })
}

async function createNote(
  tx: Transaction,
  { workspaceId, ...target }: NoteTarget,
  { subject = '', body = '' }: NoteText,
  { name, userId }: NoteAuthor,
): Promise<NoteRow> {
  const { livingId: profileId } = await holdTarget(tx, workspaceId, target)
  const at = now()
  const written = { createdAt: at, createdBy: name, userId, updatedAt: at, updatedBy: name }
  const row = { workspaceId, profileId, noteId: newUuid(), subject, body, ...written }
  await insertNote(tx, row)
  return row
}

async function removeNote(
  tx: Transaction,
  key: NoteTarget & { noteId: string },
  actor: Actor,
): Promise<true> {
  const held = await heldKey(tx, key)
  if (!(await deleteNote(tx, held))) throw new CdpError('CDP_NOTE_NOT_FOUND')
  const { workspaceId, noteId: object, profileId } = key
  await record(tx, { actor, workspaceId, action: 'note.delete', object, detail: { profileId } })
  return true
}

/** Where a note is while its profile is held. */
async function heldKey(
  tx: Transaction,
  { workspaceId, noteId, ...target }: NoteTarget & { noteId: string },
): Promise<NoteKey> {
  const { profileIds } = await holdTarget(tx, workspaceId, target)
  if (!isUuid(noteId)) throw new CdpError('CDP_NOTE_NOT_FOUND')
  return { workspaceId, profileIds, noteId }
}

function found(row: NoteRow | undefined): NoteRow {
  if (!row) throw new CdpError('CDP_NOTE_NOT_FOUND')
  return row
}
