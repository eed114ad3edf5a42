import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { callerOf } from '../../../http/authenticate.ts'
import { checkOf, itemCheckOf } from '../../../http/items.ts'
import type { Services } from '../../../http/services.ts'
import type { Command } from '../../../model/command.ts'
import { CdpError, toCdpError } from '../../../model/errors.ts'
import { isPersonal, kindOf } from '../guard.ts'
import { namingOf } from '../shared/naming.ts'
import { storeAll } from '../shared/store.ts'
import { assertOneKind, mapEvent } from './mapping.ts'
import type { EventContext } from './mapping.ts'
import { batchPartOf } from './schemas.ts'
import type { BatchEvent } from './schemas.ts'
import { EVENT_TYPES, eventTypeOf } from './types.ts'
import type { EventType } from './types.ts'

/**
 * A batch is stored whole or not at all; what is wrong with its items is listed item by item.
 * @source reference, Batch send events
 * @throws CDP_BODY_INVALID CDP_CALLER_KIND_FORBIDDEN CDP_PROFILE_FOREIGN
 */
export async function storeBatch(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const items = checkItems(request)
  assertOneKind(items.map(({ event }) => event))
  const { settings } = callerOf(request).workspace
  const clients = items.map(({ event }) => event.client)
  const naming = await namingOf(services, request, clients)
  const context = { receivedAt: request.receivedAt, timezone: settings.timezone, naming }
  const commands = collect(items, (item, pointer) => mapItem(item, { ...context, pointer }))
  return storeAll(services, request, reply, { commands, status: 202 })
}

/** An item, and the type that it names. */
interface TypedItem {
  event: BatchEvent
  eventType: EventType
}

const PARTS = new Map<EventType, TSchema>(EVENT_TYPES.map((type) => [type, batchPartOf(type)]))

/**
 * The items, each of the shape that its type asks for.
 * @assumed a person may send in a batch what it may send alone: the permission for batches does not stand for types that are for
 * workspaces only
 */
function checkItems(request: FastifyRequest): TypedItem[] {
  const refusalOf = itemCheckOf(request)
  const caller = callerOf(request)
  return collect(request.body as unknown[], (item, pointer) => {
    const refusal = refusalOf(item, pointer)
    if (refusal) throw refusal
    const event = item as BatchEvent
    const eventType = eventTypeOf(event.type)
    if (!eventType)
      throw new CdpError('CDP_BODY_INVALID', { pointer: `${pointer}/type`, detail: 'is not a type of event' })
    const part = PARTS.get(eventType)
    const partRefusal = part && checkOf(request, part)(item, pointer)
    if (partRefusal) throw partRefusal
    if (isPersonal(caller) && !eventType.callers.includes(kindOf(caller)))
      throw new CdpError('CDP_CALLER_KIND_FORBIDDEN', { pointer: `${pointer}/type` })
    return { event, eventType }
  })
}

function mapItem({ event, eventType }: TypedItem, context: EventContext): Command {
  return mapEvent(event, eventType, context)
}

/**
 * What comes of every item.
 * @throws CDP_BODY_INVALID with a refusal for each item that is at fault; any other error at once
 */
function collect<Item, Result>(
  items: readonly Item[],
  work: (item: Item, pointer: string) => Result,
): Result[] {
  const refused: CdpError[] = []
  const results = items.flatMap((item, index): Result[] => {
    try {
      return [work(item, `/${index}`)]
    } catch (error) {
      const refusal = toCdpError(error)
      if (refusal.kind !== 'invalid') throw refusal
      refused.push(refusal)
      return []
    }
  })
  const [first, ...others] = refused
  if (!first) return results
  const { code, pointer = '', message: detail } = first
  throw new CdpError(code, { pointer, detail, others })
}
