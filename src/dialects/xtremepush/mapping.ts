import { unknownFields } from '../../http/items.ts'
import { escapePointer, isJsonObject } from '../../lib/json.ts'
import type { Json, JsonObject } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import type { Command, EventWrite, Notice, RawIdentifier } from '../../model/command.ts'
import type { ImportMapper, ImportedRow, RowMap } from '../../model/import.ts'
import { invalid, readId, readTime } from './cells.ts'
import { IDENTITIES, compileColumn } from './columns.ts'
import type { Column, Draft } from './columns.ts'
import { EventSchema } from './schemas.ts'
import type { Event } from './schemas.ts'

/** What the rows of an import need to be read: kept with it, so that they can be read later. */
export interface ColumnPlan {
  columns: readonly string[]
  /** Those of them that are known to hold arrays or objects only. */
  arrays: readonly string[]
}

/** Cells of a row, and the places of those whose number no double holds, which came as text. */
export type Cells = readonly Json[] | { cells: readonly Json[]; exact: readonly number[] }

/** Rows of `import/profile`; the options of an import are its {@link ColumnPlan}. */
export const profileRows: ImportMapper = {
  kind: 'xtremepush.profiles',
  source: 'xtremepush',
  compile: (options) => compileRows(options as unknown as ColumnPlan),
}

/** A row as an import keeps it. @param index its place in the call, from 0 */
export function keepRow(cells: readonly Json[], index: number, exact: readonly number[]): ImportedRow {
  return { line: index + 1, values: exact.length > 0 ? { cells, exact } : cells }
}

/** Prepares for the rows of one import. A row is refused by CDP_BODY_INVALID with the place of the cell. */
export function compileRows({ columns, arrays }: ColumnPlan): RowMap {
  const isArray = new Set(arrays)
  const steps = columns.map((name) => compileColumn(name, { isArray: isArray.has(name), allowsRaw: false }))
  return {
    map: (row) => mapRow(row, columns, steps),
    show: ({ values }) => toObject(columns, cellsOf(values).cells),
  }
}

function mapRow(
  { line, values }: ImportedRow,
  columns: readonly string[],
  steps: readonly Column[],
): Command {
  const pointer = `/rows/${line - 1}`
  const { cells, exact } = cellsOf(values)
  if (cells.length !== columns.length)
    throw invalid(pointer, `has ${cells.length} values for ${columns.length} columns`)
  const draft = newDraft()
  for (const [index, step] of steps.entries()) {
    const cell = cells[index]
    // @assumed null leaves what there is: connectors send it for what they do not know
    if (cell !== null && cell !== undefined) step(draft, cell, `${pointer}/${index}`)
  }
  return {
    ...profileOf(draft, identifiersOf(draft, columns, pointer)),
    pointer,
    item: toObject(columns, cells),
    notices: [...draft.notices, ...exactNotices(exact, columns, pointer)],
  }
}

function cellsOf(values: Json | undefined): { cells: readonly Json[]; exact: readonly number[] } {
  const kept = (values ?? []) as Cells
  return 'cells' in kept ? kept : { cells: kept, exact: [] }
}

function newDraft(): Draft {
  return { userId: undefined, deviceId: undefined, email: undefined, values: [], consents: [], notices: [] }
}

/** @throws CDP_BODY_INVALID nothing says who the row is about */
function identifiersOf(
  { userId, deviceId, email }: Draft,
  columns: readonly string[],
  pointer: string,
): RawIdentifier[] {
  const identifiers: RawIdentifier[] = [
    ...(userId === undefined ? [] : [{ kind: 'userId', value: userId } as const]),
    ...(deviceId === undefined ? [] : [{ kind: 'deviceId', value: deviceId } as const]),
    ...(email === undefined ? [] : [{ kind: 'email', value: email } as const]),
  ]
  if (identifiers.length > 0) return identifiers
  const name = IDENTITIES.find((identity) => columns.includes(identity)) ?? IDENTITIES[0]
  throw invalid(`${pointer}/${columns.indexOf(name)}`, `${name} is empty`)
}

function profileOf(
  { values, consents }: Draft,
  identifiers: RawIdentifier[],
): Pick<Command, 'identifiers' | 'attributes' | 'consents'> {
  return {
    identifiers,
    // `Object.fromEntries` defines members, so that a column named `__proto__` is one like any other.
    attributes: { values: Object.fromEntries(values) },
    ...(consents.length > 0 && { consents }),
  }
}

function exactNotices(exact: readonly number[], columns: readonly string[], pointer: string): Notice[] {
  return exact
    .filter((index) => !IDENTITIES.some((name) => name === columns[index]))
    .map((index) => ({ reason: 'number_as_text', pointer: `${pointer}/${index}` }))
}

/** The row under the names of its columns: it can be sent again from that. */
function toObject(columns: readonly string[], cells: readonly Json[]): JsonObject {
  return Object.fromEntries(cells.map((cell, index) => [columns[index] ?? String(index), cell]))
}

/**
 * An event of a user, with the attributes that it sets before it.
 * @throws CDP_BODY_INVALID
 * @source reference 3.4, SRC[18], SRC[31]
 */
export function mapEvent(
  event: Event,
  { pointer, receivedAt }: { pointer: string; receivedAt: Instant },
): Command {
  const userId = readId(event.user_id, `${pointer}/user_id`)
  if (userId === undefined) throw invalid(`${pointer}/user_id`, 'user_id is empty')
  const draft = newDraft()
  for (const [name, value] of Object.entries(event.user_attributes ?? {}) as [string, Json][]) {
    const place = `${pointer}/user_attributes/${escapePointer(name)}`
    // Who it is about says user_id alone.
    if (name === 'user_id' || name === 'device_id')
      draft.notices.push({ reason: 'identifier_ignored', pointer: place })
    else if (value !== null) compileColumn(name, { isArray: false, allowsRaw: true })(draft, value, place)
  }
  const hasAttributes = draft.values.length > 0 || draft.consents.length > 0
  const identifiers: RawIdentifier[] = [{ kind: 'userId', value: userId }]
  return {
    ...(hasAttributes ? profileOf(draft, identifiers) : { identifiers }),
    event: writeOf(event, pointer, receivedAt),
    pointer,
    item: event,
    notices: [...draft.notices, ...unknownFields(event, pointer === '' ? KNOWN_OF_BODY : KNOWN, pointer)],
  }
}

/** @assumed the members of an object are the event's properties; anything else is its property `value` */
function writeOf({ event: name, value, timestamp }: Event, pointer: string, receivedAt: Instant): EventWrite {
  const given = (value ?? null) as Json
  const properties = given === null ? {} : isJsonObject(given) ? given : { value: given }
  if (!timestamp) return { name, occurredAt: receivedAt, properties }
  const occurredAt = readTime(timestamp, `${pointer}/timestamp`)
  return { name, occurredAt, originalTime: timestamp, properties }
}

const { consent_preferences: _unread, ...KNOWN } = EventSchema.properties

/** Members of a body beside its event. */
const KNOWN_OF_BODY = { ...KNOWN, apptoken: true, events: true }
