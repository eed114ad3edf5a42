import { unknownFields } from '../../http/items.ts'
import { escapePointer } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import { newUuid } from '../../lib/ids.ts'
import { parseIsoInstant } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { isJunkIdentifier } from '../../core/identity/index.ts'
import type {
  AttributeOperator,
  AttributeWrite,
  Command,
  EventWrite,
  Notice,
  RawIdentifier,
} from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'
import { standardField } from './fields.ts'
import { EventSchema, FIELDS_MAX, ProfileSchema } from './schemas.ts'
import type { Event, Profile } from './schemas.ts'

/** What the mapping needs to know beside the item. */
export interface MappingContext {
  /** JSON pointer of the item in the body. */
  pointer: string
  settings: WorkspaceSettings
  receivedAt: Instant
}

/** The label under which the vendor's own id of a user is an alias. */
const PYZE_LABEL = 'pyze'

/**
 * A profile → the profile write it means. Null removes a field, a plain value replaces it, an operator changes it.
 * @throws CDP_BODY_INVALID two different user ids, more than 50 fields, an object that is no operator
 */
export function mapProfile(profile: Profile, context: MappingContext): Command {
  const { pointer } = context
  const identity = mapIdentity(profile, context)
  const notices: Notice[] = []
  const attributes = mapFields(fieldsOf(profile, pointer), pointer, notices)
  return { ...identity, attributes, onHeld: 'refuse', pointer, item: profile, notices }
}

type Identity = Pick<Command, 'identifiers' | 'target' | 'onCreate'>

/**
 * @assumed user id first, then the vendor's id, then the alias; the vendor's id alone must be known, any other creates
 * a user, who then gets a vendor's id (reference 1.1, resolution)
 */
function mapIdentity(profile: Profile, { pointer, settings }: MappingContext): Identity {
  const user = userIdOf(profile, pointer)
  const own: RawIdentifier[] = profile.pyze_id ? [pyzeAlias(profile.pyze_id)] : []
  const { user_alias: alias } = profile
  const other: RawIdentifier[] = alias
    ? [{ kind: 'alias', label: alias.alias_label, value: alias.alias_id }]
    : []
  const usable = (identifier: RawIdentifier): boolean => !isJunkIdentifier(identifier, settings)
  const creates = [...user, ...other].some(usable)
  if (!creates && own.some(usable)) return { identifiers: [...user, ...own, ...other], target: 'existing' }
  const minted = own.length === 0 ? { onCreate: [pyzeAlias(newUuid())] } : {}
  return { identifiers: [...user, ...own, ...other], ...minted }
}

/** @assumed `customer_id` is the older name of `userId`; both with different values say nothing */
function userIdOf({ userId, customer_id: customerId }: Profile, pointer: string): RawIdentifier[] {
  if (userId && customerId && userId !== customerId)
    throw invalid(`${pointer}/customer_id`, 'differs from userId')
  const value = userId || customerId
  return value ? [{ kind: 'userId', value }] : []
}

function pyzeAlias(value: string): RawIdentifier {
  return { kind: 'alias', label: PYZE_LABEL, value }
}

function fieldsOf(profile: Profile, pointer: string): [string, Json][] {
  const fields = Object.entries(profile).filter(([name]) => !Object.hasOwn(ProfileSchema.properties, name))
  // @assumed the 50 are counted for each profile of a request
  if (fields.length > FIELDS_MAX) throw invalid(pointer, `at most ${FIELDS_MAX} profile fields allowed`)
  return fields
}

function mapFields(fields: readonly [string, Json][], pointer: string, notices: Notice[]): AttributeWrite {
  const values: [string, Json][] = []
  const operators: [string, AttributeOperator][] = []
  for (const [wireName, value] of fields) {
    const place = `${pointer}/${escapePointer(wireName)}`
    if (isObject(value))
      operators.push([standardField(wireName)?.name ?? wireName, mapOperator(value, place)])
    else {
      const field = standardField(wireName)
      const kept = field && value !== null ? field.read(value) : value
      if (kept === undefined) notices.push({ reason: 'attribute_value_invalid', pointer: place })
      else values.push([field?.name ?? wireName, kept])
    }
  }
  return { values: toRecord(values), ...(operators.length > 0 && { operators: toRecord(operators) }) }
}

/** `Object.fromEntries` defines members, so that a field named `__proto__` is one like any other. */
function toRecord<Value>(entries: readonly [string, Value][]): Record<string, Value> {
  return Object.fromEntries(entries)
}

function isObject(value: Json): value is Record<string, Json> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/**
 * @source reference 1.1, operators; `add` is not documented by the vendor
 * @throws CDP_BODY_INVALID any other object
 */
function mapOperator(value: Readonly<Record<string, Json>>, pointer: string): AttributeOperator {
  const [[operator, operand] = ['', null], ...more] = Object.entries(value)
  if (more.length === 0 && operator === 'inc' && typeof operand === 'number')
    return { operator: 'increment', by: operand }
  if (more.length === 0 && (operator === 'remove' || operator === 'add') && Array.isArray(operand))
    return { operator, items: operand }
  throw invalid(pointer, 'is no operator: one of {"inc": number}, {"remove": [...]}, {"add": [...]}')
}

/**
 * An event → the event to append, with its time corrected by the difference between the sender's clock and ours.
 * @throws CDP_BODY_INVALID a time that is none
 */
export function mapEvent(event: Event, context: MappingContext): Command {
  const { pointer } = context
  const notices = unknownFields(event, EventSchema.properties, pointer)
  const write: EventWrite = {
    name: event.event,
    ...mapTimes(event, context),
    properties: propertiesOf(event, pointer, notices),
    // The vendor's message ids are unique for an app (reference 1.2).
    ...(event.messageId && { messageId: event.messageId, messageScope: event.appKey }),
  }
  const identifiers: RawIdentifier[] = [{ kind: 'userId', value: event.userId }]
  return { identifiers, event: write, pointer, item: event, notices }
}

/** @source reference 1.2: corrected = eventTime + (receivedAt - sentAt); the original is kept */
function mapTimes(
  event: Event,
  { pointer, receivedAt }: MappingContext,
): Pick<EventWrite, 'occurredAt' | 'sentAt' | 'originalTime'> {
  const eventTime = readTime(event.eventTime, `${pointer}/eventTime`)
  const times = { occurredAt: eventTime, originalTime: event.eventTime }
  if (!event.sentAt) return times
  const sentAt = readTime(event.sentAt, `${pointer}/sentAt`)
  return { ...times, occurredAt: eventTime + (receivedAt - sentAt), sentAt }
}

/** @assumed a time without offset is in UTC */
function readTime(text: string, pointer: string): Instant {
  const instant = parseIsoInstant(text)
  if (instant === undefined) throw invalid(pointer, 'is not an ISO 8601 time')
  return instant
}

/** @assumed the context is kept beside the attributes; an attribute of that name is the sender's own and stays */
function propertiesOf(event: Event, pointer: string, notices: Notice[]): Record<string, Json> {
  const attributes = (event.attributes ?? {}) as Record<string, Json>
  if (!event.context) return attributes
  if (Object.hasOwn(attributes, 'context')) {
    notices.push({ reason: 'attribute_name_reserved', pointer: `${pointer}/context` })
    return attributes
  }
  return toRecord([...Object.entries(attributes), ['context', event.context]])
}

function invalid(pointer: string, detail: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { pointer, detail })
}
