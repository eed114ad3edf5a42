import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkOf } from '../../http/items.ts'
import type { Services } from '../../http/services.ts'
import { exactNumbersByItem, submitUnit } from '../../http/unit.ts'
import type { Json } from '../../lib/json.ts'
import type { Command, Notice } from '../../model/command.ts'
import type { ImportedRow, RowMap } from '../../model/import.ts'
import { guard } from './guard.ts'
import { storeRows } from './import-routes.ts'
import { mapEvent } from './mapping.ts'
import { EventBody, EventSchema } from './schemas.ts'
import type { Event } from './schemas.ts'
import { showRefusal } from './tasks.ts'

/** Adds events, one by one and in batches. */
export function registerEvents(app: FastifyInstance, services: Services): void {
  app.post(
    '/api/external/hit/event',
    {
      schema: { body: EventBody },
      config: { operation: 'hit-event' },
      preValidation: guard(services),
    },
    (request, reply) => hitEvents(services, request, reply),
  )
}

async function hitEvents(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { events } = request.body as { events?: Json[] }
  if (events) return storeBatch(services, request, reply, events)
  const command = eventMapper(request)(request.body, '', request.exactNumbers)
  // @assumed an answer without an object: the vendor's was not recovered
  const answer = () => ({ status: 200, body: { success: true, code: 200 } })
  return submitUnit(services, request, reply, {
    atomic: 'all',
    commands: [command],
    dropped: [],
    answer,
    tellsNumbers: true,
  })
}

/** @source reference 3.4, SRC[32]: a batch goes to the same URL. @assumed its events stand for themselves, as rows do */
async function storeBatch(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  events: readonly Json[],
): Promise<FastifyReply> {
  const map = eventMapper(request)
  const exact = exactNumbersByItem(request, 'events')
  const rowMap: RowMap = {
    map: ({ line, values }) => map(values, `/events/${line - 1}`, exact.get(line - 1) ?? []),
    show: ({ values = null }) => values,
  }
  const rows = events.map((values, index): ImportedRow => ({ line: index + 1, values }))
  const { refused } = await storeRows(services, request, rows, rowMap)
  const model = { total: events.length, failed: refused.length }
  const errors = refused.map((refusal) => showRefusal(refusal, []))
  return reply.send({ success: true, code: 200, model, ...(errors.length > 0 && { errors }) })
}

/** Reads one event. @returns a function that throws CDP_BODY_INVALID for what is none; `exact` are numbers kept as text */
function eventMapper(
  request: FastifyRequest,
): (item: unknown, pointer: string, exact: readonly string[]) => Command {
  const check = checkOf(request, EventSchema)
  return (item, pointer, exact) => {
    const refusal = check(item, pointer)
    if (refusal) throw refusal
    const command = mapEvent(item as Event, { pointer, receivedAt: request.receivedAt })
    const notices = exact
      .filter((place) => place !== `${pointer}/user_id`)
      .map((place): Notice => ({ reason: 'number_as_text', pointer: place }))
    return notices.length === 0 ? command : { ...command, notices: [...command.notices, ...notices] }
  }
}
