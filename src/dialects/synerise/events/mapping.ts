import type { EventRow } from '../../../core/events/index.ts'
import type { Json } from '../../../lib/json.ts'
import { toRfc3339 } from '../../../lib/time.ts'
import type { Instant } from '../../../lib/time.ts'
import type { Command, Notice } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import type { ShownClient } from '../clients/show.ts'
import type { Naming } from '../shared/naming.ts'
import { mapParams } from '../shared/params.ts'
import { mapTime } from '../shared/time.ts'
import type { BatchEvent, SingleEvent } from './schemas.ts'
import type { EventType } from './types.ts'

/** What the mapping needs beside the item. */
export interface EventContext {
  /** JSON pointer of the item in the body. */
  pointer: string
  receivedAt: Instant
  /** The zone of the workspace. */
  timezone: string
  /** Whom a `client` means. */
  naming: Naming
}

/**
 * An event → the event to append. `label` is required and not kept; the type sets the action, whatever the sender says.
 * @throws CDP_BODY_INVALID a time that is none, a param `email` that is no text
 * @throws what the naming throws
 */
export function mapEvent(
  event: SingleEvent | BatchEvent,
  eventType: EventType,
  { pointer, receivedAt, timezone, naming }: EventContext,
): Command {
  const { client, time, eventSalt, params } = event
  const action = eventType.action ?? String(event.action)
  const notices: Notice[] = []
  const timed = mapTime({ time, eventSalt, action, pointer: `${pointer}/time`, receivedAt }, notices)
  const properties = mapParams(params ?? {}, { pointer: `${pointer}/params`, timezone, notices })
  const profileEmail = emailOf(properties['email'], `${pointer}/params/email`)
  return {
    ...naming(client, `${pointer}/client`),
    event: { name: action, ...timed, properties },
    ...(profileEmail && { profileEmail }),
    ...companyOf(action, properties['companyId']),
    pointer,
    item: event,
    notices,
  }
}

/** @assumed the param is the clientId of the company's profile, and the newest event says to which one a profile belongs */
function companyOf(action: string, companyId: Json | undefined): Pick<Command, 'companyId'> {
  const isNamed = action === ASSIGNED && Number.isSafeInteger(companyId)
  return isNamed ? { companyId: Number(companyId) } : {}
}

const ASSIGNED = 'client.assignToCompany'

/**
 * A param `email` must be the profile's. Only the transaction that stores the event knows whose that is: the profile may be made
 * or get its e-mail by this very request.
 * @assumed where the profile has no e-mail none can be equal; another spelling of an address is the same address
 * @source reference 0.12
 */
function emailOf(email: unknown, pointer: string): Command['profileEmail'] {
  if (email === undefined || email === null) return undefined
  if (typeof email === 'string') return { value: email, pointer }
  throw new CdpError('CDP_BODY_INVALID', { pointer, detail: 'must be the e-mail of the profile' })
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
  if (other <= 0) return
  const detail = 'must have the same kind of identifier in every item'
  throw new CdpError('CDP_BODY_INVALID', { pointer: `/${other}/client`, detail })
}

/**
 * An event as the vendor shows it, with what it adds to the params of every stored event.
 * @assumed a param of the sender's own with such a name is shown in its place; `ip` is null, because the address of a sender is
 * not kept
 * @source reference 0.12, EventRow; the original time among the params: a public client's model of the answer
 */
export function showEvent(event: EventRow, client: ShownClient): object {
  const added = {
    eventUUID: event.eventId,
    businessProfileId: event.workspaceId,
    clientId: client.id,
    uuid: client.uuid,
    ip: null,
    ...(event.originalTime !== undefined && { 'snr-original-time': event.originalTime }),
  }
  return {
    uuid: event.eventId,
    time: toRfc3339(event.occurredAt),
    action: event.name,
    label: null,
    client,
    params: { ...added, ...event.properties },
  }
}
