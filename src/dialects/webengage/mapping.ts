import { unknownFields } from '../../http/items.ts'
import type { Json } from '../../lib/json.ts'
import { fitsCodePoints } from '../../lib/text.ts'
import { parseOffsetDateTime } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { isJunkIdentifier } from '../../core/identity/index.ts'
import { STANDARD_ATTRIBUTES } from '../../model/attributes.ts'
import type { ConsentChannel, StandardAttribute } from '../../model/attributes.ts'
import type {
  AttributeType,
  Command,
  ConsentWrite,
  Dropped,
  EventWrite,
  Notice,
  RawIdentifier,
} from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'
import { checkAttributes } from './attributes.ts'
import type { CheckedAttributes } from './attributes.ts'
import { EventSchema, ID_LENGTH_MAX, UserSchema } from './schemas.ts'
import type { Event, User } from './schemas.ts'

/** One item of a call: what to store, or why it is accepted and ignored. */
export type Mapped = { command: Command } | { dropped: Dropped }

/** What the mapping needs to know beside the item. */
export interface MappingContext {
  /** JSON pointer of the item in the body. */
  pointer: string
  settings: WorkspaceSettings
  receivedAt: Instant
}

/** Fields that are texts and mean the same in the product. */
const TEXT_FIELDS = [
  'firstName',
  'lastName',
  'company',
  'email',
  'hashedEmail',
  'hashedPhone',
  'postalCode',
  'country',
  'city',
  'locality',
  'region',
] as const satisfies readonly (keyof User & StandardAttribute)[]

const OPT_INS = {
  emailOptIn: 'email',
  smsOptIn: 'sms',
  whatsappOptIn: 'whatsapp',
} as const satisfies Partial<Record<keyof User, ConsentChannel>>

/**
 * Names that a custom attribute may not have, because the standard attribute of that name identifies or is checked.
 * @assumed at the vendor a custom attribute is apart from the field of the same name
 */
const RESERVED_ATTRIBUTES = new Set<string>([
  'email',
  'phone',
  'hashedEmail',
  'hashedPhone',
  'birthDate',
  'gender',
] satisfies StandardAttribute[])

const NO_NAMES: ReadonlySet<string> = new Set()

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

/** @source reference 4.2: E.164 with a plus */
const PHONE = /^\+[1-9]\d{1,14}$/

const GENDERS = ['male', 'female', 'other']

/**
 * A user → the profile write it means.
 * Absent fields stay; null clears (`@assumed`); an empty text is a field that the client has not set (reference
 * real-clients 7 for birthDate, email and phone; `@assumed` for the other texts, since the same client sends all).
 * @throws CDP_BODY_INVALID a birthDate, gender or phone that is none
 */
export function mapUser(user: User, context: MappingContext): Mapped {
  const { pointer } = context
  const identity = mapIdentity(user, context)
  const rules = { pointer: `${pointer}/attributes`, reserved: RESERVED_ATTRIBUTES, nullClears: true }
  const custom = checkAttributes(user.attributes ?? {}, rules)
  const standard = standardAttributes(user, pointer)
  const clashes = takeStandardNames(custom, standard, rules.pointer)
  const values = { ...custom.values, ...standard }
  const consents = mapConsents(user)
  return {
    command: {
      identifiers: identity.identifiers,
      attributes: { values, typing: custom.typing },
      ...(consents.length > 0 && { consents }),
      pointer,
      item: user,
      notices: [
        ...identity.notices,
        ...custom.notices,
        ...clashes,
        ...unknownFields(user, UserSchema.properties, pointer),
      ],
    },
  }
}

/**
 * An event → the event to append. A name that begins with `we_` is accepted and ignored.
 * @throws CDP_BODY_INVALID an eventTime that is none
 */
export function mapEvent(event: Event, context: MappingContext): Mapped {
  const { pointer } = context
  const identity = mapIdentity(event, context)
  const occurredAt = mapEventTime(event.eventTime, pointer) ?? context.receivedAt
  if (identity.identifiers.length === 0) throw new CdpError('CDP_IDENTIFIER_MISSING', { pointer })
  if (event.eventName.startsWith('we_')) {
    const { identifiers } = identity
    return {
      dropped: { reason: 'event_name_reserved', pointer: `${pointer}/eventName`, item: event, identifiers },
    }
  }
  const rules = { pointer: `${pointer}/eventData`, reserved: NO_NAMES, nullClears: false }
  const data = checkAttributes(event.eventData ?? {}, rules)
  const write: EventWrite = {
    name: event.eventName,
    occurredAt,
    properties: data.values,
    typing: data.typing,
  }
  return {
    command: {
      identifiers: identity.identifiers,
      event: write,
      pointer,
      item: event,
      notices: [
        ...identity.notices,
        ...data.notices,
        ...unknownFields(event, EventSchema.properties, pointer),
      ],
    },
  }
}

/** userId decides and anonymousId is ignored beside it; a userId that is nobody's counts as absent. */
function mapIdentity(
  { userId, anonymousId }: Pick<User, 'userId' | 'anonymousId'>,
  { pointer, settings }: MappingContext,
): { identifiers: RawIdentifier[]; notices: Notice[] } {
  const user: RawIdentifier | undefined = userId ? { kind: 'userId', value: userId } : undefined
  const anonymous: RawIdentifier | undefined = anonymousId
    ? { kind: 'anonymousId', value: anonymousId }
    : undefined
  if (user && !isJunkIdentifier(user, settings)) {
    const ignored: Notice = { reason: 'identifier_ignored', pointer: `${pointer}/anonymousId` }
    return { identifiers: [user], notices: anonymous ? [ignored] : [] }
  }
  if (anonymousId && !fitsCodePoints(anonymousId, ID_LENGTH_MAX)) {
    throw invalid(`${pointer}/anonymousId`, `at most ${ID_LENGTH_MAX} characters allowed`)
  }
  // Core notes the junk one and refuses the item when nothing is left.
  return { identifiers: [user, anonymous].filter((identifier) => identifier !== undefined), notices: [] }
}

/**
 * A custom attribute that is named like a standard one says the same thing: it is stored as that, when it is a text and
 * the user has no such field of its own; otherwise the field wins and the attribute is noted.
 * @assumed at the vendor the two are apart; here they are one namespace
 */
function takeStandardNames(
  custom: CheckedAttributes,
  standard: Readonly<Record<string, unknown>>,
  pointer: string,
): Notice[] {
  const types = custom.typing.types as Record<string, AttributeType>
  const names = Object.keys(custom.values).filter((name) => STANDARD_NAMES.has(name))
  return names.flatMap((name): Notice[] => {
    const isText = types[name] === 'string' || custom.values[name] === null
    const isTaken = Object.hasOwn(standard, name)
    delete types[name]
    if (isText && !isTaken) return []
    delete custom.values[name]
    const reason = isTaken ? 'attribute_name_reserved' : 'attribute_value_invalid'
    return [{ reason, pointer: `${pointer}/${name}` }]
  })
}

function standardAttributes(user: User, pointer: string): Partial<Record<StandardAttribute, Json>> {
  const values: Partial<Record<StandardAttribute, Json>> = {}
  for (const name of TEXT_FIELDS) {
    const value = user[name]
    if (value !== undefined && value !== '') values[name] = value
  }
  const birthDate = checked(user.birthDate, `${pointer}/birthDate`, mapBirthDate)
  const gender = checked(user.gender, `${pointer}/gender`, (text) =>
    GENDERS.includes(text) ? text : undefined,
  )
  const phone = checked(user.phone, `${pointer}/phone`, (text) => (PHONE.test(text) ? text : undefined))
  if (birthDate !== undefined) values.birthDate = birthDate
  if (gender !== undefined) values.gender = gender
  if (phone !== undefined) values.phone = phone
  return values
}

/** A checked text: undefined when not sent, null when cleared. @throws CDP_BODY_INVALID the check refuses it */
function checked(
  value: string | null | undefined,
  pointer: string,
  check: (text: string) => string | undefined,
): string | null | undefined {
  if (value === undefined || value === null) return value
  if (value === '') return undefined
  const result = check(value)
  if (result === undefined) throw invalid(pointer, 'has a value that is not allowed')
  return result
}

/** @assumed a birthday is the calendar date that the sender wrote; its time of day and offset say nothing more */
function mapBirthDate(text: string): string | undefined {
  return parseOffsetDateTime(text)?.localDate
}

/** @assumed a cleared opt-in (null) is an unknown answer; the vendor's default is for those who read */
function mapConsents(user: User): ConsentWrite[] {
  return Object.entries(OPT_INS).flatMap(([field, channel]): ConsentWrite[] => {
    const optIn = user[field as keyof typeof OPT_INS]
    if (optIn === undefined) return []
    if (optIn === null) return [{ channel, state: 'unknown' }]
    return [{ channel, state: optIn ? 'granted' : 'denied' }]
  })
}

/**
 * When the event happened; undefined when the sender does not say.
 * @assumed beside the documented `±hhmm`: `Z`, `±hh:mm`, fractions and Unix seconds, which public clients send
 */
function mapEventTime(value: Event['eventTime'], pointer: string): Instant | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const instant = typeof value === 'number' || /^\d{1,11}$/.test(value) ? Number(value) * 1000 : undefined
  const result = instant ?? parseOffsetDateTime(String(value))?.instant
  if (result === undefined || !Number.isFinite(result)) throw invalid(`${pointer}/eventTime`, 'is not a time')
  return Math.round(result)
}

function invalid(pointer: string, problem: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { pointer, detail: problem })
}
