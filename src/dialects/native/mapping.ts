import { readAlias } from '../../core/identity/index.ts'
import type { DeviceRow } from '../../core/devices/index.ts'
import type { DictionaryEntry, EventNameEntry } from '../../core/dictionary/index.ts'
import type { EventRow } from '../../core/events/index.ts'
import type { RejectionRow } from '../../core/ledger/index.ts'
import type { TransactionRow } from '../../core/transactions/index.ts'
import type { ChangeRow, Profile } from '../../core/profiles/index.ts'
import { DAY_MS, EARLIEST_INSTANT, now, parseInstant, toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { HeldIdentifier } from '../../model/identity.ts'
import { PROFILE_IDS_MAX } from './schemas.ts'

/** Items of a list page when the caller does not say. */
const LIMIT_DEFAULT = 50

const LIMIT_MAX = 500

/** A `limit` parameter: 1 to 500, 50 when absent. @throws CDP_QUERY_INVALID */
export function readLimit(text: string | undefined): number {
  const limit = text === undefined ? LIMIT_DEFAULT : Number(text)
  if (limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new CdpError('CDP_QUERY_INVALID', { pointer: '/limit', detail: `limit: must be 1 to ${LIMIT_MAX}` })
}

/** A `from` or `to` parameter: RFC 3339 or a date (midnight UTC). @throws CDP_QUERY_INVALID */
export function readInstant(name: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined
  const instant = parseInstant(text)
  if (instant !== undefined) return instant
  throw new CdpError('CDP_QUERY_INVALID', {
    pointer: `/${name}`,
    detail: `${name}: must be an RFC 3339 time`,
  })
}

/** A range of time, by parameters `from` and `to`: everything that is stored when they are absent. @throws CDP_QUERY_INVALID */
export function rangeOf(from: string | undefined, to: string | undefined): { from: Instant; to: Instant } {
  return {
    from: readInstant('from', from) ?? EARLIEST_INSTANT,
    to: readInstant('to', to) ?? now() + 2 * DAY_MS,
  }
}

/** A profile id in a path. @throws CDP_PROFILE_NOT_FOUND it can be nobody's */
export function readProfileId(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(id)) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return id
}

/** The `ids` parameter of the list of profiles, each id once. @throws CDP_QUERY_INVALID */
export function readProfileIds(text: string): number[] {
  const ids = text.split(',')
  const numbers = ids.map((id) => (/^[1-9]\d{0,15}$/.test(id) ? Number(id) : Number.NaN))
  if (ids.length <= PROFILE_IDS_MAX && numbers.every(Number.isSafeInteger)) return [...new Set(numbers)]
  throw new CdpError('CDP_QUERY_INVALID', {
    pointer: '/ids',
    detail: `ids: must be 1 to ${PROFILE_IDS_MAX} ids of profiles, separated by commas`,
  })
}

/** A profile as the native API shows it. */
export function showProfile(profile: Profile): object {
  return {
    id: profile.id,
    identifiers: profile.identifiers.map(showIdentifier),
    attributes: profile.attributes,
    consents: profile.consents.map((consent) => ({ ...consent, at: toRfc3339(consent.at) })),
    tags: profile.tags,
    createdAt: toRfc3339(profile.createdAt),
    updatedAt: toRfc3339(profile.updatedAt),
    lastActivityAt: profile.lastActivityAt === undefined ? null : toRfc3339(profile.lastActivityAt),
    ...(profile.mergedFrom !== undefined && { mergedFrom: profile.mergedFrom }),
  }
}

function showIdentifier({ kind, value, source, firstSeenAt, isPrimary }: HeldIdentifier): object {
  const alias = kind === 'alias' ? readAlias(value) : undefined
  const shown = alias ? { kind, label: alias.label, value: alias.id } : { kind, value }
  return { ...shown, source, firstSeenAt: toRfc3339(firstSeenAt), isPrimary }
}

/** An event as the native API shows it; `profileId` is the profile that it was sent for. */
export function showEvent(event: EventRow): object {
  return {
    id: event.eventId,
    profileId: event.profileId,
    name: event.name,
    occurredAt: toRfc3339(event.occurredAt),
    receivedAt: toRfc3339(event.receivedAt),
    sentAt: event.sentAt === undefined ? null : toRfc3339(event.sentAt),
    originalTime: event.originalTime ?? null,
    source: event.source,
    properties: event.properties,
  }
}

/** A change of a profile as the native API shows it; null stands for absent. */
export function showChange(row: ChangeRow): object {
  return {
    id: row.changeId,
    profileId: row.profileId,
    at: toRfc3339(row.at),
    dialect: row.dialect,
    credential: row.credential,
    traceId: row.traceId,
    changes: Object.entries(row.diff).map(([name, [before, after]]) => ({ name, before, after })),
  }
}

/** An entry of the dictionary as the native API shows it: one entry a type, and whether there is more than one. */
export function showAttribute({ target, eventName, attribute, seen }: DictionaryEntry): object {
  const types = [...new Set(seen.map(({ type }) => type))].map((type) => {
    const rows = seen.filter((row) => row.type === type)
    return { type, ...seenRange(rows), dialects: rows.map(({ dialect }) => dialect) }
  })
  return {
    target,
    eventName: target === 'event' ? eventName : null,
    name: attribute,
    ...seenRange(seen),
    conflict: types.length > 1,
    types,
  }
}

function seenRange(seen: readonly Pick<EventNameEntry['seen'][number], 'firstSeenAt' | 'lastSeenAt'>[]): {
  firstSeenAt: string
  lastSeenAt: string
} {
  return {
    firstSeenAt: toRfc3339(Math.min(...seen.map(({ firstSeenAt }) => firstSeenAt))),
    lastSeenAt: toRfc3339(Math.max(...seen.map(({ lastSeenAt }) => lastSeenAt))),
  }
}

/** A name of events as the native API shows it: what came in under it, altogether and by dialect. */
export function showEventName({ name, seen }: EventNameEntry): object {
  const dialects = seen.map(({ dialect, count, ...times }) => ({ dialect, count, ...seenRange([times]) }))
  return { name, count: seen.reduce((sum, { count }) => sum + count, 0), ...seenRange(seen), dialects }
}

/** A purchase as the native API shows it; amounts are decimal texts. */
export function showTransaction(row: TransactionRow): object {
  return {
    id: row.transactionId,
    profileId: row.profileId,
    orderId: row.orderId,
    occurredAt: toRfc3339(row.occurredAt),
    source: row.source,
    currency: row.currency,
    value: row.value,
    revenue: row.revenue,
    discount: row.discount ?? null,
    paymentMethod: row.paymentMethod ?? null,
    lines: row.lines,
  }
}

/** A device as the native API shows it; `profileId` is the profile that it was linked to. What was not sent is null. */
export function showDevice(row: DeviceRow): object {
  return {
    id: row.deviceId,
    profileId: row.profileId,
    type: row.type,
    registrationId: row.registrationId,
    bluetoothAddress: row.bluetoothAddress ?? null,
    macAddress: row.macAddress ?? null,
    manufacturer: row.manufacturer ?? null,
    model: row.model ?? null,
    osVersion: row.osVersion ?? null,
    product: row.product ?? null,
    screenHeight: row.screenHeight ?? null,
    screenWidth: row.screenWidth ?? null,
    publicKey: row.publicKey ?? null,
    linkedAt: toRfc3339(row.linkedAt),
    updatedAt: toRfc3339(row.updatedAt),
  }
}

/** An entry of the ledger as the native API shows it; `item` is the JSON text as sent, cut at 16 KiB. */
export function showRejection(row: RejectionRow): object {
  return {
    id: row.rejectionId,
    at: toRfc3339(row.at),
    dialect: row.dialect,
    operation: row.operation,
    reason: row.reason,
    pointer: row.pointer,
    detail: row.detail ?? null,
    item: row.item ?? null,
    itemTruncated: row.itemTruncated,
    profileId: row.profileId ?? null,
    traceId: row.traceId,
    occurrences: row.occurrences,
    replayedAt: row.replayedAt === undefined ? null : toRfc3339(row.replayedAt),
  }
}
