import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { actorOfCaller } from '../../../core/audit/index.ts'
import { authorOf } from '../../../core/notes/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import { onceOf } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import { clientIdOf } from '../clients/subject.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { NoteBody } from './schemas.ts'
import { showNote } from './show.ts'

/** @assumed how many notes are given at once, newest first; the native API gives the others page by page */
const NOTES_MAX = 1_000

/** Adds the routes of notes. A profile that was merged away has none, as everywhere for this vendor's clients. */
export function registerNotes(app: FastifyInstance, services: Services): void {
  const { notes } = services
  const options = (id: string, schema: object = {}): RouteShorthandOptions => ({
    schema,
    config: { operation: id },
    onRequest: guard(services, operation(id)),
  })
  const [all, one] = [operation('list-notes').path, operation('get-note').path]
  app.get(all, options('list-notes'), async (request) => {
    const { items } = await notes.list(targetOf(request), { cursor: undefined, limit: NOTES_MAX })
    return items.map(showNote)
  })
  app.post(all, options('create-note', { body: NoteBody }), async (request) => {
    const author = authorOf(callerOf(request))
    return showNote(await notes.create(targetOf(request), textOf(request), author, onceOf(request)))
  })
  app.get(one, options('get-note'), async (request) =>
    showNote(await notes.get(targetOf(request), noteIdOf(request))),
  )
  app.put(one, options('update-note', { body: NoteBody }), async (request) => {
    const by = authorOf(callerOf(request))
    return showNote(await notes.update(keyOf(request), textOf(request), by, onceOf(request)))
  })
  app.delete(one, options('delete-note'), async (request, reply) => {
    const actor = actorOfCaller(callerOf(request), request.ip, request.id)
    await notes.delete(keyOf(request), actor, onceOf(request))
    // @assumed the status is marked "204?" in the reference
    return reply.code(204).send()
  })
}

function targetOf(request: FastifyRequest): { workspaceId: number; profileId: number } {
  return { workspaceId: callerOf(request).workspace.id, profileId: clientIdOf(request) }
}

function keyOf(request: FastifyRequest): { workspaceId: number; profileId: number; noteId: string } {
  return { ...targetOf(request), noteId: noteIdOf(request) }
}

function noteIdOf(request: FastifyRequest): string {
  return (request.params as { noteId: string }).noteId
}

function textOf(request: FastifyRequest): { subject?: string; body?: string } {
  const { subject, body } = request.body as NoteBody
  return {
    ...(typeof subject === 'string' && { subject }),
    ...(typeof body === 'string' && { body }),
  }
}
