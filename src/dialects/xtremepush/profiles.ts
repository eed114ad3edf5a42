import type { Profile, ProfileConsent, ProfileQuery } from '../../core/profiles/index.ts'
import type { Instant } from '../../lib/time.ts'
import type { ConsentChannel } from '../../model/attributes.ts'
import type { RawIdentifier } from '../../model/command.ts'
import { STANDARD, SUBSCRIPTIONS, attributeOf } from './columns.ts'
import type { Condition } from './conditions.ts'
import { orderOf, pageOf, unknownCondition } from './conditions.ts'
import type { ListBody } from './schemas.ts'

/** Fields by the standard attribute behind them. */
const FIELD_OF: ReadonlyMap<string, string> = new Map([
  ...Object.entries(STANDARD).map(([field, name]) => [name, field] as const),
  ['phone', 'mobile_number'],
])

/** A profile as the vendor shows it. @assumed every field: the vendor's list was not recovered */
export function showProfile(profile: Profile): Record<string, unknown> {
  const attributes = Object.entries(profile.attributes).map(([name, value]) => [
    FIELD_OF.get(name) ?? name,
    value,
  ])
  return {
    ...Object.fromEntries(attributes),
    id: profile.id,
    user_id: primaryOf(profile, 'userId') ?? null,
    device_id: primaryOf(profile, 'deviceId') ?? null,
    email: textOf(profile, 'email'),
    mobile_number: digitsOf(profile, 'phone'),
    ...Object.fromEntries(
      Object.entries(SUBSCRIPTIONS).map(([field, channel]) => [field, statusOf(profile, channel)]),
    ),
    create_time: toSeconds(profile.createdAt),
    update_time: toSeconds(profile.updatedAt),
  }
}

function primaryOf({ identifiers }: Profile, kind: string): string | undefined {
  const held = identifiers.filter((identifier) => identifier.kind === kind)
  return (held.find(({ isPrimary }) => isPrimary) ?? held[0])?.value
}

function textOf({ attributes }: Profile, name: string): string | null {
  const value = attributes[name]
  return typeof value === 'string' ? value : null
}

/** @source reference 3.2, SRC[23]: digits without plus */
function digitsOf(profile: Profile, name: string): string | null {
  return textOf(profile, name)?.replace(/^\+/, '') ?? null
}

/** 1 and 0; null where nothing was said. */
function statusOf({ consents }: Profile, channel: ConsentChannel): 1 | 0 | null {
  const state = consents.find((consent) => consent.channel === channel)?.state
  return state === 'granted' ? 1 : state === 'denied' ? 0 : null
}

function toSeconds(instant: Instant): number {
  return Math.floor(instant / 1_000)
}

/** Where the address of a channel stands, and what the vendor calls it. */
const ADDRESSES: Readonly<Partial<Record<ConsentChannel, readonly [field: string, attribute: string]>>> = {
  email: ['email_address', 'email'],
  sms: ['mobile_number', 'phone'],
  whatsapp: ['whatsapp_number', 'whatsapp_number'],
}

/** Channels that the vendor's columns name. */
export const CHANNELS: readonly ConsentChannel[] = Object.values(SUBSCRIPTIONS)

/**
 * A subscription as the vendor shows it; none for an answer that was taken back.
 * @source reference 3.4, SRC[25]: channel data, `status`, `update_is_external`
 * @assumed `channel`; everything here comes over an API, so every update is external
 */
export function showSubscription({ profile, consent }: ProfileConsent): Record<string, unknown>[] {
  const status = statusOf(profile, consent.channel)
  const [field, attribute] = ADDRESSES[consent.channel] ?? []
  if (status === null || field === undefined || attribute === undefined) return []
  const address = attribute === 'email' ? textOf(profile, attribute) : digitsOf(profile, attribute)
  return [
    {
      id: profile.id,
      user_id: primaryOf(profile, 'userId') ?? null,
      channel: consent.channel,
      [field]: address,
      status,
      update_time: toSeconds(consent.at),
      update_is_external: 1,
    },
  ]
}

/** Fields that lead to one person, by the kind of their identifier. */
const IDENTIFYING: Readonly<Record<string, RawIdentifier['kind']>> = {
  user_id: 'userId',
  device_id: 'deviceId',
  email: 'email',
}

/** The identifier that a condition asks for; undefined where it asks for something else. */
export function identifierOf({ field, operator, value }: Condition): RawIdentifier | undefined {
  const kind = Object.hasOwn(IDENTIFYING, field) ? IDENTIFYING[field] : undefined
  return kind && operator === '=' ? { kind, value: String(value) } : undefined
}

const SORTS = {
  id: 'createdAt',
  create_time: 'createdAt',
  email: 'email',
  first_name: 'firstName',
  last_name: 'lastName',
} as const satisfies Record<string, ProfileQuery['sort']['by']>

/** Fields that a list may ask for by an index. */
const INDEXED: Readonly<Record<string, 'firstName' | 'lastName' | 'phone'>> = {
  first_name: 'firstName',
  last_name: 'lastName',
  mobile_number: 'phone',
}

/** Fields that are no attributes: a list of everybody cannot be asked for them. */
const OWN_FIELDS = /^(?:id|create_time|update_time|\w+_subscription)$/

const LISTED = [...Object.keys(IDENTIFYING), ...Object.keys(INDEXED)]

/**
 * A list of profiles in the product's words. One further attribute may be asked for, by its text.
 * @throws CDP_BODY_INVALID
 * @assumed conditions by analogy with the list of tasks (reference 3.4); profiles come in the order in which they were made
 */
export function profileQueryOf(conditions: readonly Condition[], body: ListBody): ProfileQuery {
  const equals: Record<string, string> = {}
  const attributes: { name: string; value: string }[] = []
  for (const condition of conditions) {
    const { field, operator, value } = condition
    if (operator !== '=') throw unknownCondition(condition, [field])
    const column = Object.hasOwn(INDEXED, field) ? INDEXED[field] : undefined
    if (column) equals[column] = String(value)
    else if (OWN_FIELDS.test(field) || attributes.length > 0) throw unknownCondition(condition, LISTED)
    else attributes.push({ name: attributeOf(field), value: String(value) })
  }
  return {
    where: { equals, attribute: attributes[0] },
    sort: orderOf(body, SORTS) ?? { by: 'createdAt', order: 'asc' },
    page: pageOf(body),
  }
}

/** Whether a person who was found by an identifier keeps the other conditions of a list. */
export function keeps(profile: Profile, conditions: readonly Condition[]): boolean {
  const shown = showProfile(profile)
  return conditions.every(({ field, operator, value }) => {
    const stored = shown[field]
    const text = typeof stored === 'string' || typeof stored === 'number' ? String(stored) : ''
    return operator === '=' && text.toLowerCase() === String(value).toLowerCase()
  })
}
