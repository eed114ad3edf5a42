import type { Pool } from 'pg'
import { prepared } from './db.ts'

/** Kinds of integer ids; profile ids are what the outside sees as a profile's id. */
export type IdKind =
  'workspace' | 'api_key' | 'user' | 'profile' | 'tag' | 'import' | 'export' | 'materialization'

/** Ids of one kind for one process, taken in blocks so that making one costs no round trip. */
export interface IdSource {
  /**
   * How many ids {@link take} can give at once. Ask, and take without an `await` in between: another flusher
   * shares the source.
   */
  available(): number
  /** Takes a further block of at least `count` ids from the database. */
  fetch(count: number): Promise<void>
  /** The next id. */
  take(): number
}

const BLOCK = 1_000

const takeBlock = prepared<{ first: number }>(
  'id-block-take',
  `insert into id_block (kind, next) values ($1, 1 + $2::bigint)
   on conflict (kind) do update set next = id_block.next + $2::bigint
   returning next - $2::bigint as first`,
)

/** Opens a source; what is left of a block when the process ends is never used again. */
export function openIdSource(pool: Pool, kind: IdKind): IdSource {
  const ranges: { next: number; end: number }[] = []
  const fetch = async (count: number): Promise<void> => {
    const size = Math.max(BLOCK, count)
    const [row] = await takeBlock(pool, [kind, size])
    if (!row) throw new Error('id_block gave no row')
    ranges.push({ next: row.first, end: row.first + size })
  }
  const take = (): number => {
    while (ranges[0] && ranges[0].next === ranges[0].end) ranges.shift()
    const range = ranges[0]
    if (!range) throw new Error('take was called with nothing available')
    return range.next++
  }
  return { available: () => ranges.reduce((sum, range) => sum + range.end - range.next, 0), fetch, take }
}

/** One id outside the ingest path. */
export async function newId(pool: Pool, kind: IdKind): Promise<number> {
  const [row] = await takeBlock(pool, [kind, 1])
  if (!row) throw new Error('id_block gave no row')
  return row.first
}
