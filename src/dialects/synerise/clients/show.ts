import type { Json, JsonObject } from '../../../lib/json.ts'
import type { Profile } from '../../../core/profiles/index.ts'
import { toRfc3339 } from '../../../lib/time.ts'
import { STANDARD_ATTRIBUTES } from '../../../model/attributes.ts'
import type { ConsentChannel } from '../../../model/attributes.ts'
import type { IdentifierKind } from '../../../model/identity.ts'
import { SEXES, TEXT_FIELDS } from './attributes.ts'

/** The vendor's agreements. @source reference 0.6 */
export const AGREEMENT_CHANNELS: readonly ConsentChannel[] = [
  'email',
  'sms',
  'push',
  'webPush',
  'bluetooth',
  'rfid',
  'wifi',
]

/**
 * A profile as the vendor shows one. What was never sent is null; an agreement that was never given is false.
 * @assumed `lastActivityDate` of a profile without events is its last change
 * @source reference 0.8
 */
export function showProfile(profile: Profile): object {
  const texts = Object.entries(TEXT_FIELDS).map(([field, name]) => [field, profile.attributes[name] ?? null])
  const email = profile.attributes['email'] ?? primaryOf(profile, 'email')
  return {
    clientId: profile.id,
    ...Object.fromEntries(texts),
    email,
    customId: primaryOf(profile, 'userId'),
    uuid: primaryOf(profile, 'uuid'),
    sex: sexOf(profile),
    anonymous: email === null,
    agreements: agreementsOf(profile),
    attributes: customOf(profile),
    tags: profile.tags,
    previousClients: [],
    lastActivityDate: toRfc3339(profile.lastActivityAt ?? profile.updatedAt),
  }
}

/** Whom an event belongs to. @source reference 0.11 */
export interface ShownClient {
  id: number
  customId: string | null
  uuid: string | null
  email: Json
}

/** Whom an event belongs to, as the vendor shows it with each event. @source reference 0.12, EventRow */
export function showEventClient(profile: Profile): ShownClient {
  return {
    id: profile.id,
    customId: primaryOf(profile, 'userId'),
    uuid: primaryOf(profile, 'uuid'),
    email: profile.attributes['email'] ?? primaryOf(profile, 'email'),
  }
}

/** The identifier of a kind that the vendor shows; null where there is none. */
export function primaryOf({ identifiers }: Profile, kind: IdentifierKind): string | null {
  const held = identifiers.filter((identifier) => identifier.kind === kind)
  return (held.find(({ isPrimary }) => isPrimary) ?? held[0])?.value ?? null
}

/** The vendor's word for the gender of a profile. */
export function sexOf({ attributes }: Profile): string {
  return sexNamed(attributes['gender'])
}

/** The vendor's word for a stored gender. */
export function sexNamed(gender: Json | undefined): string {
  const known = Object.entries(SEXES).find(([name]) => name === gender)
  return known ? known[1] : 'NOT_SPECIFIED'
}

function agreementsOf({ consents }: Profile): Record<string, boolean> {
  const granted = new Set(consents.filter(({ state }) => state === 'granted').map(({ channel }) => channel))
  return Object.fromEntries(AGREEMENT_CHANNELS.map((channel) => [channel, granted.has(channel)]))
}

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

/** The attributes that are not fields of the vendor's. */
export function customOf({ attributes }: Profile): Record<string, Json> {
  return customAmong(attributes)
}

/** Those of some attributes that are not fields of the vendor's. */
export function customAmong(attributes: JsonObject): Record<string, Json> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !STANDARD_NAMES.has(name)))
}
