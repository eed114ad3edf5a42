import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { exactNumberNotices, submitUnit } from '../../../http/unit.ts'
import { now } from '../../../lib/time.ts'
import type { Instant } from '../../../lib/time.ts'
import type { Command } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { clientIdOf } from '../clients/routes.ts'
import { showEventClient } from '../clients/show.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { readTime } from '../shared/time.ts'
import { mapTransaction } from '../transactions/mapping.ts'
import { TransactionBatchBody, TransactionSchema } from '../transactions/schemas.ts'
import type { Transaction } from '../transactions/schemas.ts'
import { assertOneKind, mapBatchEvent, mapEvent, showEvent } from './mapping.ts'
import type { EventContext } from './mapping.ts'
import { CustomEventSchema, EventBatchBody, EventListQuery } from './schemas.ts'
import type { BatchEvent, CustomEvent } from './schemas.ts'

/** Adds the routes of events and transactions. */
export function registerEvents(app: FastifyInstance, services: Services): void {
  const options = (id: string, schema: object): RouteShorthandOptions => ({
    schema,
    config: { operation: id },
    onRequest: guard(services, operation(id)),
  })
  const write = <Item>(
    id: string,
    body: object,
    map: (item: Item, context: EventContext) => Command,
    check: (items: readonly Item[]) => void = () => undefined,
  ): void => {
    app.post(operation(id).path, options(id, { body }), (request, reply) => {
      const isBatch = Array.isArray(request.body)
      const items = (isBatch ? request.body : [request.body]) as Item[]
      check(items)
      const commands = items.map((item, index) =>
        map(item, { pointer: isBatch ? `/${index}` : '', receivedAt: request.receivedAt }),
      )
      return store(services, request, reply, commands)
    })
  }
  write<CustomEvent>('custom-event', CustomEventSchema, mapEvent)
  write<BatchEvent>('batch-events', EventBatchBody, mapBatchEvent, assertOneKind)
  write<Transaction>('create-transaction', TransactionSchema, mapTransaction)
  write<Transaction>('batch-transactions', TransactionBatchBody, mapTransaction)
  const list = options('list-client-events', { querystring: EventListQuery })
  app.get(operation('list-client-events').path, list, (request) => listEvents(services, request))
}

/**
 * A batch is stored whole or not at all.
 * @assumed how the vendor's batches fail in part is not printed (reference, Batch send events)
 */
async function store(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  mapped: readonly Command[],
): Promise<FastifyReply> {
  const commands = mapped.map((command) => ({
    ...command,
    notices: [...command.notices, ...exactNumberNotices(request, command.pointer)],
  }))
  const answer = () => ({ status: 202, body: undefined })
  return submitUnit(services, request, reply, { atomic: 'all', commands, dropped: [], answer })
}

const LIMIT_MAX = 500

/** @assumed how many events are given where no limit is asked for; newest first */
const LIMIT_DEFAULT = 100

/** @assumed a profile that does not exist has no events: the operation lists no 404 (reference, E2) */
async function listEvents(services: Services, request: FastifyRequest): Promise<unknown> {
  const { workspace } = callerOf(request)
  const { action: name, limit, ...range } = request.query as EventListQuery
  const query = {
    from: instantOf(range['time[from]'], 'time[from]'),
    // The end belongs to the range.
    to: (instantOf(range['time[to]'], 'time[to]') ?? now()) + 1,
    name,
    cursor: undefined,
    limit: limitOf(limit),
  }
  const profile = await services.profiles.get(workspace, clientIdOf(request)).catch(noneFound)
  if (!profile || profile.mergedFrom !== undefined) return []
  const profileIds = await services.profiles.idsOf(workspace, profile.id)
  const { items } = await services.events.list({ workspaceId: workspace.id, profileIds, ...query })
  const client = showEventClient(profile)
  return items.map((event) => showEvent(event, client))
}

function noneFound(error: unknown): undefined {
  if (error instanceof CdpError && error.code === 'CDP_PROFILE_NOT_FOUND') return undefined
  throw error
}

function instantOf(text: string | undefined, name: string): Instant | undefined {
  if (text === undefined) return undefined
  const instant = readTime(text)
  if (instant !== undefined) return instant
  throw new CdpError('CDP_QUERY_INVALID', { pointer: `/${name}`, detail: 'must be a time of ISO 8601' })
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? LIMIT_DEFAULT : Number(text)
  if (limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new CdpError('CDP_QUERY_INVALID', { pointer: '/limit', detail: `must be 1 to ${LIMIT_MAX}` })
}
