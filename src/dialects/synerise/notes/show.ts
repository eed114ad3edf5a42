import type { NoteRow } from '../../../core/notes/index.ts'
import { toRfc3339 } from '../../../lib/time.ts'

/**
 * A note as the vendor shows it, with its HTML as it was stored: whoever renders it must clean it.
 * @assumed `userId` is of who created it; it is null, and the names are a label, where that was an api key
 * @source reference 0.17
 */
export function showNote(note: NoteRow): object {
  return {
    id: note.noteId,
    subject: note.subject,
    body: note.body,
    created: toRfc3339(note.createdAt),
    createdBy: note.createdBy,
    updated: toRfc3339(note.updatedAt),
    updatedBy: note.updatedBy,
    userId: note.userId ?? null,
  }
}
