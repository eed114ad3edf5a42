import type { Profile } from '../../core/profiles/index.ts'
import type { Json } from '../../lib/json.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { STANDARD_ATTRIBUTES } from '../../model/attributes.ts'
import type { ConsentChannel } from '../../model/attributes.ts'
import type { IdentifierKind } from '../../model/identity.ts'

const GENDERS: Readonly<Record<string, string>> = { female: 'F', male: 'M', other: 'Other' }

/** Custom attributes that are fields of a customer. */
const FACTS = ['account_created_at', 'account_status', 'default_currency']

const KNOWN = new Set<string>([...STANDARD_ATTRIBUTES, ...FACTS])

/**
 * A profile as a customer.
 * @assumed a consent that nobody gave is false; an account is as old as the profile unless somebody said otherwise
 * @source reference 2.3, BEYOND
 */
export function showCustomer(profile: Profile): object {
  const { attributes, tags, createdAt } = profile
  const own = (name: string): Json => attributes[name] ?? null
  const custom = Object.entries(attributes).filter(
    ([name, value]) => !KNOWN.has(name) && value !== null && typeof value !== 'object',
  )
  return {
    external_id: primaryOf(profile, 'userId'),
    email: own('email') ?? primaryOf(profile, 'email'),
    phone_number: own('phone') ?? primaryOf(profile, 'phone'),
    first_name: own('firstName'),
    last_name: own('lastName'),
    gender: genderOf(own('gender')),
    account_created_at: own('account_created_at') ?? toRfc3339(createdAt),
    account_status: own('account_status'),
    default_language: own('language'),
    default_currency: own('default_currency'),
    tags: tags.join(','),
    accepts_sms_marketing: hasGranted(profile, 'sms'),
    accepts_email_marketing: hasGranted(profile, 'email'),
    custom_properties: Object.fromEntries(custom),
  }
}

function genderOf(gender: Json): string | null {
  // Any API may have stored it: `constructor` is a member of every object.
  return typeof gender === 'string' && Object.hasOwn(GENDERS, gender) ? (GENDERS[gender] ?? null) : null
}

function primaryOf({ identifiers }: Profile, kind: IdentifierKind): string | null {
  const held = identifiers.filter((identifier) => identifier.kind === kind)
  return (held.find(({ isPrimary }) => isPrimary) ?? held[0])?.value ?? null
}

function hasGranted({ consents }: Profile, channel: ConsentChannel): boolean {
  return consents.some((consent) => consent.channel === channel && consent.state === 'granted')
}
