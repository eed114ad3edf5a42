import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { NOTE_BODY_LENGTH_MAX, NOTE_SUBJECT_LENGTH_MAX, authorOf } from '../../core/notes/index.ts'
import type { NoteRow } from '../../core/notes/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { actorOf, guard } from './guard.ts'
import { readLimit } from './mapping.ts'
import { profileIdOf } from './params.ts'
import { NoQuery, PageQuery } from './schemas.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'

// PostgreSQL takes no NUL in a text, and a note is stored as it came or not at all.

/** `POST /api/v1/profiles/:profileId/notes`, and PUT on one of them. */
const NoteBody = Type.Object(
  {
    subject: Type.String({
      minLength: 1,
      maxLength: NOTE_SUBJECT_LENGTH_MAX,
      pattern: STORABLE_PATTERN,
      description: 'Its title.',
    }),
    body: Type.String({
      maxLength: NOTE_BODY_LENGTH_MAX,
      pattern: STORABLE_PATTERN,
      description: 'Text, or HTML that whoever shows it must clean.',
    }),
  },
  { additionalProperties: false },
)

type NoteBody = Static<typeof NoteBody>

/** Adds the routes of notes about profiles. */
export function registerNotes(app: FastifyInstance, services: Services): void {
  const { notes } = services
  const options = (operation: string, permission: string, schema: object) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  const path = '/api/v1/profiles/:profileId/notes'
  const write = { body: NoteBody }
  app.get(path, options('list-notes', 'notes:read', { querystring: PageQuery }), async (request) => {
    const { cursor, limit } = request.query as PageQuery
    const page = await notes.list(targetOf(request), { cursor, limit: readLimit(limit) })
    return { items: page.items.map(showNote), nextCursor: page.nextCursor }
  })
  app.post(path, options('create-note', 'notes:write', write), async (request, reply) => {
    const author = authorOf(callerOf(request))
    const note = await notes.create(targetOf(request), request.body as NoteBody, author, onceOf(request))
    reply.code(201)
    return showNote(note)
  })
  app.put(`${path}/:noteId`, options('put-note', 'notes:write', write), async (request) => {
    const author = authorOf(callerOf(request))
    return showNote(await notes.update(keyOf(request), request.body as NoteBody, author, onceOf(request)))
  })
  const remove = options('delete-note', 'notes:delete', { querystring: NoQuery })
  app.delete(`${path}/:noteId`, remove, async (request, reply) => {
    await notes.delete(keyOf(request), actorOf(request), onceOf(request))
    return reply.code(204).send()
  })
}

function targetOf(request: FastifyRequest): {
  workspaceId: number
  profileId: number
  throughMerges: boolean
} {
  return { workspaceId: callerOf(request).workspace.id, profileId: profileIdOf(request), throughMerges: true }
}

function keyOf(request: FastifyRequest): ReturnType<typeof targetOf> & { noteId: string } {
  return { ...targetOf(request), noteId: (request.params as { noteId: string }).noteId }
}

/** A note as the native API shows it; `profileId` is the profile that it was written for. */
function showNote(note: NoteRow): object {
  return {
    id: note.noteId,
    profileId: note.profileId,
    subject: note.subject,
    body: note.body,
    createdAt: toRfc3339(note.createdAt),
    createdBy: note.createdBy,
    updatedAt: toRfc3339(note.updatedAt),
    updatedBy: note.updatedBy,
  }
}
