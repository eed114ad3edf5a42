import type { EventRow } from '../../../core/events/index.ts'
import { toRfc3339 } from '../../../lib/time.ts'
import type { Instant } from '../../../lib/time.ts'
import type { Command, Notice } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { mapEventClient } from '../shared/identity.ts'
import { mapParams } from '../shared/params.ts'
import { mapTime } from '../shared/time.ts'
import type { BatchEvent, CustomEvent } from './schemas.ts'

/**
 * The action that the server sets, by the type that an event has in a batch.
 * @source reference chapter 7
 * @assumed the vendor does not print how the four push events are spelt in a batch: both forms are taken
 */
const ACTIONS: Readonly<Record<string, string>> = {
  'application-started': 'client.applicationStarted',
  registered: 'client.register',
  'logged-in': 'client.login',
  'logged-out': 'client.logout',
  'added-to-cart': 'product.addToCart',
  'removed-from-cart': 'product.removeFromCart',
  'added-to-favorites': 'product.addToFavorite',
  'product-view': 'product.view',
  'assigned-to-company': 'client.assignToCompany',
  'appeared-in-location': 'client.location',
  'push/received': 'push.receiveInBackground',
  'push-received': 'push.receiveInBackground',
  'push/viewed': 'push.view',
  'push-viewed': 'push.view',
  'push/clicked': 'push.click',
  'push-clicked': 'push.click',
  'push/cancelled': 'push.cancel',
  'push-cancelled': 'push.cancel',
  'cancelled-transaction': 'transaction.cancel',
  'hit-timer': 'client.hitTimer',
  searched: 'client.search',
  shared: 'client.shared',
  'recommendation-seen': 'recommendation.seen',
  'recommendation-click': 'recommendation.click',
  'recommendation-view': 'recommendation.view',
  'item-search-click': 'item.search.click',
  'visited-screen': 'screen.view',
}

/** What the mapping needs beside the item. */
export interface EventContext {
  /** JSON pointer of the item in the body. */
  pointer: string
  receivedAt: Instant
}

/** An event → the event to append. `label` is required and not kept. @throws CDP_BODY_INVALID a time that is none */
export function mapEvent(event: CustomEvent, { pointer, receivedAt }: EventContext): Command {
  const { action, client, time, eventSalt, params } = event
  const notices: Notice[] = []
  const timed = mapTime({ time, eventSalt, action, pointer: `${pointer}/time`, receivedAt }, notices)
  const properties = mapParams(params ?? {}, `${pointer}/params`, notices)
  return {
    ...mapEventClient(client),
    event: { name: action, ...timed, properties },
    pointer,
    item: event,
    notices,
  }
}

const CUSTOM_ACTION = /^[a-zA-Z0-9._-]{1,32}$/

/**
 * An event of a batch: type `custom` names its action, every other type sets it.
 * @throws CDP_BODY_INVALID an unknown type, or a custom event without an action
 */
export function mapBatchEvent(event: BatchEvent, context: EventContext): Command {
  const { type, action, ...rest } = event
  if (type !== 'custom') {
    const known = Object.hasOwn(ACTIONS, type) ? ACTIONS[type] : undefined
    if (known === undefined) throw invalid(`${context.pointer}/type`, 'is not a type of event')
    return { ...mapEvent({ ...rest, action: known }, context), item: event }
  }
  if (action === undefined) throw invalid(`${context.pointer}/action`, 'is required')
  if (typeof action !== 'string' || !CUSTOM_ACTION.test(action))
    throw invalid(
      `${context.pointer}/action`,
      'must have 1 to 32 letters, digits, dots, hyphens or underscores',
    )
  return { ...mapEvent({ ...rest, action }, context), item: event }
}

/**
 * All items of a batch name their profile by the same kind of identifier.
 * @source reference, Batch send events
 * @throws CDP_BODY_INVALID
 */
export function assertOneKind(events: readonly BatchEvent[]): void {
  const kindsOf = ({ client }: BatchEvent): string =>
    Object.entries(client)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([kind]) => kind)
      .sort()
      .join()
  const [first] = events
  const other = events.findIndex((event) => first && kindsOf(event) !== kindsOf(first))
  if (other > 0) throw invalid(`/${other}/client`, 'must have the same kind of identifier in every item')
}

/** An event as the vendor shows it. @source reference 0.12, EventRow */
export function showEvent(event: EventRow, client: object): object {
  return {
    uuid: event.eventId,
    time: toRfc3339(event.occurredAt),
    action: event.name,
    label: null,
    client,
    params: event.properties,
  }
}

function invalid(pointer: string, detail: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { pointer, detail })
}
