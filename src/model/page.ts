import { decodeCursor, encodeCursor } from '../lib/cursor.ts'
import { isUuid } from '../lib/ids.ts'
import { EARLIEST_INSTANT } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { CdpError } from './errors.ts'

/** A page of a list, newest first; `nextCursor` is null on the last page. */
export interface Page<Item> {
  items: readonly Item[]
  nextCursor: string | null
}

/** A place in a list that is sorted by an instant and then by a UUID. */
export interface InstantPlace {
  at: Instant
  id: string
}

/** Reads the cursor of such a list. @throws CDP_QUERY_INVALID it is not one of ours */
export function readPlace(cursor: string | undefined): InstantPlace | undefined {
  if (cursor === undefined) return undefined
  const [at, id] = decodeCursor(cursor) ?? []
  if (isStoredInstant(at) && typeof id === 'string' && isUuid(id)) return { at, id }
  throw foreignCursor()
}

/** The refusal of a cursor that is none of the list's. */
export function foreignCursor(): CdpError {
  const detail = 'The cursor is not one that this list gave.'
  return new CdpError('CDP_QUERY_INVALID', { detail, pointer: 'cursor' })
}

/** Nothing is stored before 1900, and a year of five digits is no time to PostgreSQL. */
export function isStoredInstant(value: unknown): value is Instant {
  return Number.isInteger(value) && Number(value) >= EARLIEST_INSTANT && Number(value) < YEAR_10000
}

const YEAR_10000: Instant = Date.UTC(10_000, 0, 1)

/**
 * Makes a page of rows of which one more than `limit` was asked for: the surplus row only tells that there is a next page.
 * @param placeOf the parts of the cursor behind a row, which the list reads again
 */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => readonly (string | number)[],
): Page<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items, nextCursor: more ? encodeCursor(placeOf(last)) : null }
}

/** A page of a list that is sorted by an instant and then by a UUID; see {@link cutPage}. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  place: (row: Row) => InstantPlace,
  show: (row: Row) => Item,
): Page<Item> {
  const { items, nextCursor } = cutPage(rows, limit, (row) => [place(row).at, place(row).id])
  return { items: items.map(show), nextCursor }
}
