/** Notes: what users of a workspace write down about a profile. */
export { authorOf, openNotes } from './notes.ts'
export { NOTE_BODY_LENGTH_MAX, NOTE_SUBJECT_LENGTH_MAX } from './notes.ts'
export type { Notes } from './notes.ts'
export type { NoteRow } from '../../storage/notes.ts'
