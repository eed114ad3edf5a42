import { escapePointer } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import { newUuid, sha256Of } from '../../lib/ids.ts'
import { fitsCodePoints, isStorableText, toStorableText } from '../../lib/text.ts'
import { DAY_MS, EARLIEST_INSTANT, now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type {
  AttributeOperator,
  AttributeWrite,
  Command,
  CommandResult,
  EventWrite,
  Notice,
  RawIdentifier,
  TransactionWrite,
  Unit,
} from '../../model/command.ts'
import type { Device } from '../../model/device.ts'
import { identifierKey } from '../../model/identity.ts'
import type { Identifier } from '../../model/identity.ts'
import { normalizeIdentifier } from '../identity/index.ts'
import { identifiersOf } from './prepared.ts'
import type { PreparedCommand, PreparedUnit } from './prepared.ts'

/** Deepest nesting of a stored value. */
const DEPTH_MAX = 20

/** Longest event or attribute name in code points: names are keys of indexes. */
const NAME_LENGTH_MAX = 255

/**
 * The first guard of the write path: refuses or mends, before the queue, whatever would make a set-based
 * statement fail and so take its neighbours with it.
 * @throws CDP_IDENTIFIER_MISSING CDP_IDENTIFIER_INVALID CDP_NAME_INVALID CDP_TIME_OUT_OF_RANGE CDP_VALUE_TOO_DEEP
 *   with `atomic: all`, for the first command that cannot be stored; with `each` it is that command's result
 */
export function prepareUnit(unit: Unit): PreparedUnit {
  const commands: PreparedCommand[] = []
  const refused = new Map<number, CommandResult & { ok: false }>()
  for (const [index, command] of unit.commands.entries()) {
    try {
      commands.push(prepareCommand(unit, index, command))
    } catch (error) {
      if (unit.atomic === 'all' || !(error instanceof CdpError)) throw error
      refused.set(index, { ok: false, error, pointer: error.pointer ?? command.pointer })
    }
  }
  const { workspace, dialect, idempotency } = unit
  return {
    unit,
    commands,
    refused,
    keys: commands.flatMap((command) => lockKeys(workspace.id, command)),
    idempotency: idempotency && {
      keyHash: sha256Of('idempotency', dialect, idempotency.key),
      bodyHash: sha256Of(unit.operation, idempotency.body),
    },
  }
}

/**
 * What a unit whose commands stand for themselves would get before the queue, without storing anything; a command that
 * passes may still be refused by stored state. @returns refusals by the index of their command
 */
export function checkUnit(unit: Unit): ReadonlyMap<number, CommandResult & { ok: false }> {
  return prepareUnit(unit).refused
}

function lockKeys(workspaceId: number, command: PreparedCommand): string[] {
  const keys = identifiersOf(command).map((identifier) => `${workspaceId}|${identifierKey(identifier)}`)
  const { profileId } = command.command
  if (profileId !== undefined) keys.push(`${workspaceId}@${profileId}`)
  if (command.dedupeKey) keys.push(`${workspaceId}#${command.dedupeKey.toString('latin1')}`)
  return keys
}

function prepareCommand(unit: Unit, index: number, command: Command): PreparedCommand {
  const notices = [...command.notices]
  const resolvers = usableIdentifiers(unit, command, notices)
  const attributes = command.attributes && cleanAttributes(command.attributes, command.pointer, notices)
  const event = command.event && cleanEvent(command.event, command.pointer, notices)
  for (const tag of command.tags ?? []) assertName(tag, command.pointer)
  const transaction = command.transaction && cleanTransaction(command.transaction, command.pointer)
  const device = command.device && cleanDevice(command.device, command.pointer, notices)
  return {
    unit,
    index,
    command: {
      ...command,
      ...(attributes && { attributes }),
      ...(event && { event }),
      ...(transaction && { transaction }),
      ...(device && { device }),
    },
    resolvers,
    onCreate: (command.onCreate ?? []).flatMap((raw) => usableIdentifier(unit, raw)),
    email: contactEmail(unit, command, notices),
    phone: contactPhone(unit, command, resolvers),
    device: device && deviceIdentifier(unit, device, command.pointer),
    eventId: newUuid(),
    // An empty id is what a client sends that has none: it must not make all its events one.
    dedupeKey: event?.messageId ? messageKey(unit, event.messageId, event.messageScope) : undefined,
    notices,
  }
}

function messageKey(unit: Unit, messageId: string, scope: string | undefined): Buffer {
  const scoped = scope === undefined ? [messageId] : [messageId, scope]
  return sha256Of('event', unit.dialect, ...scoped).subarray(0, 16)
}

/** An identifier that the product itself gives; none when the workspace's rules make nothing of it. */
function usableIdentifier(unit: Unit, raw: RawIdentifier): Identifier[] {
  const normalized = normalizeIdentifier(raw, unit.workspace.settings)
  return normalized.outcome === 'usable' ? [normalized.identifier] : []
}

/** The identifiers that decide the profile. An e-mail or phone decides only when nothing stronger is named. */
function usableIdentifiers(unit: Unit, command: Command, notices: Notice[]): Identifier[] {
  const usable: Identifier[] = []
  const { settings } = unit.workspace
  for (const raw of command.identifiers) {
    if (raw.kind === 'email' && settings.emailIdentity === 'contact') continue
    const normalized = normalizeIdentifier(raw, settings)
    if (normalized.outcome === 'usable') usable.push(normalized.identifier)
    else if (normalized.outcome === 'invalid') {
      throw new CdpError('CDP_IDENTIFIER_INVALID', { pointer: command.pointer })
    } else {
      const reason = normalized.outcome === 'junk' ? 'identifier_junk' : 'identifier_invalid'
      notices.push({ reason, pointer: command.pointer })
    }
  }
  if (usable.length === 0 && command.profileId === undefined)
    throw new CdpError('CDP_IDENTIFIER_MISSING', { pointer: command.pointer })
  const strong = usable.filter(({ kind }) => kind !== 'email' && kind !== 'phone')
  return strong.length > 0 ? strong : usable
}

/** The e-mail attribute as an identifier, where the workspace's policy makes it one. */
function contactEmail(unit: Unit, command: Command, notices: Notice[]): Identifier | null | undefined {
  const { settings } = unit.workspace
  const written = command.attributes?.values['email']
  if (settings.emailIdentity === 'contact') return undefined
  if (written === null) return null
  const value = typeof written === 'string' ? written : undefined
  const named = value ?? command.identifiers.find(({ kind }) => kind === 'email')?.value
  if (named === undefined) return undefined
  const normalized = normalizeIdentifier({ kind: 'email', value: named }, settings)
  if (normalized.outcome === 'usable') return normalized.identifier
  const reason = normalized.outcome === 'junk' ? 'identifier_junk' : 'identifier_invalid'
  notices.push({ reason, pointer: command.contactPointers?.email ?? `${command.pointer}/email` })
  return undefined
}

/** A phone number that a dialect names as identity, where something stronger decides the profile. */
function contactPhone(
  unit: Unit,
  { identifiers, phoneIdentifies }: Command,
  resolvers: readonly Identifier[],
): Identifier | undefined {
  if (!phoneIdentifies) return undefined
  const named = identifiers.find(({ kind }) => kind === 'phone')
  if (!named || resolvers.some(({ kind }) => kind === 'phone')) return undefined
  return usableIdentifier(unit, named)[0]
}

function cleanAttributes(write: AttributeWrite, pointer: string, notices: Notice[]): AttributeWrite {
  for (const name of Object.keys(write.values)) assertName(name, pointer)
  const values = cleanObject(write.values, write.typing?.pointer ?? pointer, notices)
  if (!write.operators) return { ...write, values }
  return { ...write, values, operators: cleanOperators(write.operators, pointer, notices) }
}

function cleanOperators(
  operators: Readonly<Record<string, AttributeOperator>>,
  pointer: string,
  notices: Notice[],
): Readonly<Record<string, AttributeOperator>> {
  const cleaned = Object.entries(operators).map(([name, operator]): [string, AttributeOperator] => {
    assertName(name, pointer)
    if (operator.operator === 'increment') return [name, operator]
    const { items } = cleanObject({ items: [...operator.items] }, pointer, notices)
    return [name, { ...operator, items: items as readonly Json[] }]
  })
  return Object.fromEntries(cleaned)
}

function cleanEvent(event: EventWrite, pointer: string, notices: Notice[]): EventWrite {
  assertName(event.name, pointer)
  assertTime(event.occurredAt, pointer)
  if (event.sentAt !== undefined) assertTime(event.sentAt, pointer)
  if (event.messageId !== undefined && !isShortText(event.messageId)) {
    throw new CdpError('CDP_IDENTIFIER_INVALID', { pointer })
  }
  const properties = cleanObject(event.properties, event.typing?.pointer ?? pointer, notices)
  if (event.originalTime !== undefined && !isShortText(event.originalTime))
    throw new CdpError('CDP_TIME_OUT_OF_RANGE', { pointer })
  if (!event.parts) return { ...event, properties }
  const parts = event.parts.map((part) => {
    assertName(part.name, pointer)
    return { ...part, properties: cleanObject(part.properties, pointer, notices) }
  })
  return { ...event, properties, parts }
}

function cleanTransaction(transaction: TransactionWrite, pointer: string): TransactionWrite {
  assertName(transaction.orderId, pointer)
  assertName(transaction.currency, pointer)
  const { paymentMethod, lines, ...rest } = transaction
  return {
    ...rest,
    ...(paymentMethod !== undefined && { paymentMethod: toStorableText(paymentMethod) }),
    lines: lines.map((line) => ({
      ...line,
      sku: toStorableText(line.sku),
      name: toStorableText(line.name),
    })),
  }
}

/** @throws CDP_IDENTIFIER_MISSING a device that is none; CDP_IDENTIFIER_INVALID its id cannot be stored */
function deviceIdentifier({ workspace }: Unit, { deviceId }: Device, commandPointer: string): Identifier {
  const pointer = `${commandPointer}/deviceId`
  const normalized = normalizeIdentifier({ kind: 'deviceId', value: deviceId }, workspace.settings)
  if (normalized.outcome === 'usable') return normalized.identifier
  throw new CdpError(normalized.outcome === 'junk' ? 'CDP_IDENTIFIER_MISSING' : 'CDP_IDENTIFIER_INVALID', {
    pointer,
  })
}

function cleanDevice(device: Device, pointer: string, notices: Notice[]): Device {
  const { deviceId, ...facts } = device
  const given = Object.entries(facts).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  )
  return { ...device, ...cleanObject(Object.fromEntries(given), pointer, notices), deviceId }
}

/** Halves of surrogate pairs are all one in UTF-8: two ids would be one. */
function isShortText(text: string): boolean {
  return fitsCodePoints(text, NAME_LENGTH_MAX) && isStorableText(text)
}

function assertName(name: string, pointer: string): void {
  const fits = name !== '' && fitsCodePoints(name, NAME_LENGTH_MAX) && isStorableText(name)
  if (!fits) throw new CdpError('CDP_NAME_INVALID', { pointer })
}

function assertTime(instant: number, pointer: string): void {
  const fits = instant >= EARLIEST_INSTANT && instant <= now() + DAY_MS
  if (!fits) throw new CdpError('CDP_TIME_OUT_OF_RANGE', { pointer })
}

function cleanObject(
  values: Readonly<Record<string, Json>>,
  pointer: string,
  notices: Notice[],
): Readonly<Record<string, Json>> {
  const cleaned = clean(values, pointer, notices, 1)
  return cleaned as Readonly<Record<string, Json>>
}

/** The value with every text that PostgreSQL refuses mended; the very same value when there is none. */
function clean(value: Json, pointer: string, notices: Notice[], depth: number): Json {
  if (typeof value === 'string') return isStorableText(value) ? value : toStorableText(value)
  if (value === null || typeof value !== 'object') return value
  if (depth > DEPTH_MAX) throw new CdpError('CDP_VALUE_TOO_DEEP', { pointer })
  const entries = Object.entries(value)
  let changed = false
  for (const entry of entries) {
    if (!isStorableText(entry[0])) throw new CdpError('CDP_NAME_INVALID', { pointer })
    const cleaned = clean(entry[1], pointer, notices, depth + 1)
    if (cleaned === entry[1]) continue
    if (depth === 1)
      notices.push({ reason: 'text_replaced', pointer: `${pointer}/${escapePointer(entry[0])}` })
    entry[1] = cleaned
    changed = true
  }
  if (!changed) return value
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries)
}
