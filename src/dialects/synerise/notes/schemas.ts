import { Type } from 'typebox'
import type { Static } from 'typebox'
import { NOTE_BODY_LENGTH_MAX, NOTE_SUBJECT_LENGTH_MAX } from '../../../core/notes/index.ts'
import { STORABLE_PATTERN } from '../../../lib/text.ts'

// PostgreSQL takes no NUL in a text, and a note is stored as it came or not at all.
const text = (maxLength: number) =>
  Type.Optional(Type.Union([Type.String({ maxLength, pattern: STORABLE_PATTERN }), Type.Null()]))

/**
 * What a note says; unknown fields are ignored.
 * @assumed how long it may be; and that a member that is left out or null is empty in a new note and stays in an old
 * one, because the reference requires neither
 * @source reference, Create a note
 */
export const NoteBody = Type.Object({
  subject: text(NOTE_SUBJECT_LENGTH_MAX),
  body: text(NOTE_BODY_LENGTH_MAX),
})

/** See {@link NoteBody}. */
export type NoteBody = Static<typeof NoteBody>
