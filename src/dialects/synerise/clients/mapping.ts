import { escapePointer } from '../../../lib/json.ts'
import type { Json } from '../../../lib/json.ts'
import { newUuid } from '../../../lib/ids.ts'
import { parseInstant } from '../../../lib/time.ts'
import { STANDARD_ATTRIBUTES } from '../../../model/attributes.ts'
import type { ConsentChannel } from '../../../model/attributes.ts'
import type { Command, ConsentWrite, Notice, RawIdentifier } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { withOffsets } from '../shared/time.ts'
import { RESERVED_ATTRIBUTES, SEXES, TEXT_FIELDS } from './attributes.ts'
import type { BatchItem, ProfileWrite } from './schemas.ts'

/** The vendor's names of channels are the product's, but for an older spelling. */
const CHANNELS: Readonly<Record<string, ConsentChannel>> = {
  email: 'email',
  sms: 'sms',
  push: 'push',
  webPush: 'webPush',
  webpush: 'webPush',
  bluetooth: 'bluetooth',
  rfid: 'rfid',
  wifi: 'wifi',
}

/** What the mapping needs beside the profile. */
export interface ProfileContext {
  /** JSON pointer of the profile in the body. */
  pointer: string
  /** The zone of the workspace. */
  timezone: string
  /** The profile that the path names; without it one of the identifiers finds or makes one. */
  profileId?: number
}

/**
 * A profile → the profile write it means. Absent fields stay; null deletes a custom attribute and resets any other
 * field. Whom it is about is settled by the table of implicit merges (`identityRule: exclusive`).
 * @source reference 0.5, 0.18
 * @throws CDP_BODY_INVALID a birthDate that is no date
 */
export function mapProfile(profile: ProfileWrite, { pointer, timezone, profileId }: ProfileContext): Command {
  const notices: Notice[] = []
  const consents = mapAgreements(profile.agreements ?? {})
  const custom = mapCustom(profile.attributes ?? {}, `${pointer}/attributes`, notices)
  const tags = profile.tags ?? undefined
  return {
    identifiers: identifiersOf(profile),
    ...(profileId !== undefined && { profileId, target: 'existing' }),
    identityRule: 'exclusive',
    // @assumed every profile of the vendor has a uuid
    ...(!profile.uuid && { onCreate: [{ kind: 'uuid', value: newUuid() }] }),
    attributes: { values: { ...withOffsets(custom, timezone), ...standardFields(profile, pointer) } },
    ...(consents.length > 0 && { consents }),
    ...(tags && { tags }),
    pointer,
    item: profile,
    notices,
  }
}

/** An item of a batch; a clientId that nobody has creates nothing, and with other identifiers it is as if absent. */
export function mapBatchItem(item: BatchItem, context: ProfileContext): Command {
  const { clientId, ...profile } = item
  const command = mapProfile(profile, context)
  if (typeof clientId !== 'number') return command
  return { ...command, profileId: clientId, onUnknown: 'ignore', item }
}

/** @source reference 0.4: phone identifies only when no other identifier is given */
function identifiersOf({ uuid, customId, email, phone }: ProfileWrite): RawIdentifier[] {
  const identifiers: RawIdentifier[] = [
    ...(uuid ? [{ kind: 'uuid' as const, value: uuid }] : []),
    ...(customId ? [{ kind: 'userId' as const, value: customId }] : []),
    ...(email ? [{ kind: 'email' as const, value: email }] : []),
  ]
  return identifiers.length === 0 && phone ? [{ kind: 'phone', value: phone }] : identifiers
}

function standardFields(profile: ProfileWrite, pointer: string): Record<string, Json> {
  const values: Record<string, Json> = {}
  for (const [field, name] of Object.entries(TEXT_FIELDS)) {
    const value = profile[field as keyof typeof TEXT_FIELDS]
    if (value !== undefined) values[name] = value
  }
  if (typeof values['birthDate'] === 'string') assertBirthDate(values['birthDate'], pointer)
  if (profile.sex !== undefined) values['gender'] = genderOf(profile.sex)
  return values
}

/** @source reference 0.5: later than 1900-01-01 */
function assertBirthDate(text: string, pointer: string): void {
  const instant = parseInstant(text)
  if (instant !== undefined && instant > FIRST_OF_1900) return
  throw new CdpError('CDP_BODY_INVALID', {
    pointer: `${pointer}/birthDate`,
    detail: 'must be a date later than 1900-01-01',
  })
}

const FIRST_OF_1900 = Date.UTC(1900, 0, 1)

function genderOf(sex: ProfileWrite['sex']): string | null {
  const found = Object.entries(SEXES).find(([, word]) => word === sex)
  return found ? found[0] : null
}

/** @assumed an answer that is reset is an unknown one */
function mapAgreements(agreements: NonNullable<ProfileWrite['agreements']>): ConsentWrite[] {
  return Object.entries(agreements).flatMap(([name, answer]): ConsentWrite[] => {
    // `constructor` is a member of every object.
    const channel = Object.hasOwn(CHANNELS, name) ? CHANNELS[name] : undefined
    if (channel === undefined) return []
    if (answer === null) return [{ channel, state: 'unknown' }]
    const granted = answer === 1 || String(answer).toLowerCase() === 'true'
    return [{ channel, state: granted ? 'granted' : 'denied' }]
  })
}

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

/** @assumed a custom attribute with the name of a standard one of the product is ignored like a reserved one */
function mapCustom(
  attributes: Readonly<Record<string, unknown>>,
  pointer: string,
  notices: Notice[],
): Record<string, Json> {
  const kept = Object.entries(attributes as Record<string, Json>).filter(([name]) => {
    if (!RESERVED_ATTRIBUTES.has(name) && !STANDARD_NAMES.has(name)) return true
    notices.push({ reason: 'attribute_name_reserved', pointer: `${pointer}/${escapePointer(name)}` })
    return false
  })
  return Object.fromEntries(kept)
}
