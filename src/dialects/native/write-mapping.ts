import type { Json } from '../../lib/json.ts'
import { parseInstant } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type {
  AttributeOperator,
  AttributeWrite,
  Command,
  CommandResult,
  EventWrite,
  RawIdentifier,
  TransactionWrite,
} from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { EventItem, ProfileItem, ProfilePatch } from './write-schemas.ts'

/** A profile of a request → the command. A named profile must exist. */
export function mapProfileItem(item: ProfileItem, pointer: string): Command {
  return { ...whoOf(item), ...factsOf(item), pointer, item, notices: [] }
}

/**
 * An event of a request → the command. Without `occurredAt` it happened when it was received.
 * @throws CDP_BODY_INVALID a time that is none
 */
export function mapEventItem(item: EventItem, pointer: string, receivedAt: Instant): Command {
  const { name, occurredAt, sentAt, messageId, properties, transaction } = item
  const event: EventWrite = {
    name,
    occurredAt: instantOf(occurredAt, `${pointer}/occurredAt`) ?? receivedAt,
    properties: (properties ?? {}) as Record<string, Json>,
    ...(sentAt !== undefined && { sentAt: instantOf(sentAt, `${pointer}/sentAt`) ?? receivedAt }),
    ...(messageId !== undefined && { messageId }),
  }
  return {
    ...whoOf(item),
    event,
    ...(transaction && { transaction: transactionOf(transaction) }),
    pointer,
    item,
    notices: [],
  }
}

/** A patch of a profile → the command. @param ifVersion the version that the caller has read, if it says so */
export function mapPatch(patch: ProfilePatch, profileId: number, ifVersion: number | undefined): Command {
  return {
    identifiers: [],
    profileId,
    target: 'existing',
    ...(ifVersion !== undefined && { ifVersion }),
    ...factsOf(patch),
    pointer: '',
    item: patch,
    notices: [],
  }
}

function whoOf({
  identifiers = [],
  profileId,
}: Pick<ProfileItem, 'identifiers' | 'profileId'>): Pick<Command, 'identifiers' | 'profileId' | 'target'> {
  const raws: RawIdentifier[] = identifiers.map(({ kind, value, label }) =>
    label === undefined ? { kind, value } : { kind, value, label },
  )
  return profileId === undefined
    ? { identifiers: raws }
    : { identifiers: raws, profileId, target: 'existing' }
}

function factsOf(facts: ProfilePatch): Pick<Command, 'attributes' | 'consents' | 'tags'> {
  const { attributes, operators, consents, tags } = facts
  const write: AttributeWrite | undefined =
    (attributes ?? operators) ? attributeWrite(attributes, operators) : undefined
  return {
    ...(write && { attributes: write }),
    ...(consents && { consents }),
    ...(tags && { tags }),
  }
}

function attributeWrite(
  attributes: ProfilePatch['attributes'],
  operators: ProfilePatch['operators'],
): AttributeWrite {
  const values = (attributes ?? {}) as Record<string, Json>
  if (!operators) return { values }
  const entries = Object.entries(operators).map(([name, operator]): [string, AttributeOperator] => [
    name,
    'increment' in operator
      ? { operator: 'increment', by: operator.increment }
      : 'add' in operator
        ? { operator: 'add', items: operator.add as Json[] }
        : { operator: 'remove', items: operator.remove as Json[] },
  ])
  return { values, operators: Object.fromEntries(entries) }
}

function transactionOf(sent: NonNullable<EventItem['transaction']>): TransactionWrite {
  const { revenue, discount, paymentMethod, ...rest } = sent
  return {
    ...rest,
    revenue: revenue ?? sent.value,
    ...(discount !== undefined && { discount }),
    ...(paymentMethod !== undefined && { paymentMethod }),
  }
}

function instantOf(text: string | undefined, pointer: string): Instant | undefined {
  if (text === undefined) return undefined
  const instant = parseInstant(text)
  if (instant !== undefined) return instant
  throw new CdpError('CDP_BODY_INVALID', { pointer, detail: 'must be an RFC 3339 time' })
}

/** What became of one item, as the caller sees it. */
export function showResult(result: CommandResult): object {
  if (!result.ok) return showRefusal(result.error, result.pointer)
  if ('ignored' in result) return { status: 'ignored', reason: result.ignored }
  const { profileId, eventId, duplicate } = result
  return {
    status: duplicate ? 'duplicate' : 'stored',
    profileId,
    ...(eventId !== undefined && { eventId }),
  }
}

/** An item that was refused; its neighbours are not. */
export function showRefusal(error: CdpError, pointer: string): object {
  return { status: 'refused', error: { code: error.code, detail: error.message, pointer } }
}
