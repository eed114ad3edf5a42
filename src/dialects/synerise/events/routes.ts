import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { namingOf } from '../shared/naming.ts'
import { storeAll } from '../shared/store.ts'
import { storeBatch } from './batch.ts'
import { listAllEvents, listClientEvents, listOwnEvents } from './list.ts'
import { mapEvent } from './mapping.ts'
import { BatchEventSchema, EventBatchBody, EventListQuery, eventBodyOf } from './schemas.ts'
import type { SingleEvent } from './schemas.ts'
import { EVENT_TYPES, operationIdOf } from './types.ts'
import type { EventType } from './types.ts'

/** Adds the routes of events: one for each type, the batch, and the lists. */
export function registerEvents(app: FastifyInstance, services: Services): void {
  const options = (id: string, schema: object): RouteShorthandOptions => ({
    schema,
    config: { operation: id },
    onRequest: guard(services, operation(id)),
  })
  for (const eventType of EVENT_TYPES) {
    const id = operationIdOf(eventType)
    app.post(operation(id).path, options(id, { body: eventBodyOf(eventType) }), (request, reply) =>
      storeEvent(services, request, reply, eventType),
    )
  }
  const batch = options('batch-events', { body: EventBatchBody })
  const config = { operation: 'batch-events', itemSchema: BatchEventSchema }
  app.post(operation('batch-events').path, { ...batch, config }, (request, reply) =>
    storeBatch(services, request, reply),
  )
  const query = { querystring: EventListQuery }
  app.get(operation('list-client-events').path, options('list-client-events', query), (request) =>
    listClientEvents(services, request),
  )
  app.get(operation('list-all-events').path, options('list-all-events', query), (request) =>
    listAllEvents(services, request),
  )
  app.get(operation('list-own-events').path, options('list-own-events', query), (request) =>
    listOwnEvents(services, request),
  )
}

async function storeEvent(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  eventType: EventType,
): Promise<FastifyReply> {
  const event = request.body as SingleEvent
  const naming = await namingOf(services, request, [event.client])
  const { receivedAt } = request
  const { timezone } = callerOf(request).workspace.settings
  const command = mapEvent(event, eventType, { pointer: '', receivedAt, timezone, naming })
  return storeAll(services, request, reply, { commands: [command], status: eventType.status })
}
