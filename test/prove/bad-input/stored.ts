import { vi } from 'vitest'
import type { TestDatabase } from '../../setup/database.ts'
import { rowsOf } from '../../setup/database.ts'
import { followAll } from '../../setup/followers.ts'

/**
 * Tables that keep note of attempts, whatever came of them; a refused request may leave its trace here, and here only.
 */
export const NOTES: Readonly<Record<string, string>> = {
  rejection: 'the ledger of what was refused',
  attempt: 'counts failed logins before they are tried',
  counter: 'counts requests and refusals',
  history: 'sums up counters by the day',
  idempotency: 'keeps the answer of a keyed write, also a refusal',
  ingest_batch: 'numbers what was done, also where that was only counting refusals',
  id_block: 'ids taken ahead in blocks; those of a write that failed are never given out',
  follower: 'how far the work in the background has come',
  audit_log: 'has entries of refused changes beside those of changes',
}

/** A fingerprint of the content of every table that holds what requests store; the order of rows does not count. */
export type Fingerprint = Readonly<Record<string, string>>

/** Columns that note uses of a row and tries at it, not changes. */
const USES: Readonly<Record<string, readonly string[]>> = {
  api_key: ['last_used_at'],
  one_time_code: ['tries'],
}

/** Takes the fingerprints of all tables. @param left tables to leave out, with the reason */
export async function takeFingerprint(
  database: Pick<TestDatabase, 'admin'>,
  left: Readonly<Record<string, string>> = NOTES,
): Promise<Fingerprint> {
  const wanted = await tableNames(database, left)
  const sums = wanted.map((name) => {
    const row = (USES[name] ?? []).reduce((text, column) => `${text} - '${column}'`, 'to_jsonb(t)')
    // Two halves of the hash of each row, summed: no sort, and equal rows do not cancel each other.
    return `select '${name}' as name, count(*) || ':' || coalesce(sum(('x' || left(h, 15))::bit(60)::bigint), 0) as content
      from (select md5((${row})::text) as h from "${name}" t) s`
  })
  const rows = await rowsOf<{ name: string; content: string }>(database, sums.join(' union all '))
  return Object.fromEntries(rows.map(({ name, content }) => [name, content]))
}

/** Every table but those that are left out. */
export async function tableNames(
  database: Pick<TestDatabase, 'admin'>,
  left: Readonly<Record<string, string>> = NOTES,
): Promise<string[]> {
  const tables = await rowsOf<{ name: string }>(
    database,
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  )
  return tables.map(({ name }) => name).filter((name) => !Object.hasOwn(left, name))
}

/** Waits until the work in the background has come to rest: every flush is taken in, two fingerprints in a row are the same. */
export async function settledFingerprint(database: TestDatabase): Promise<Fingerprint> {
  await followAll(database)
  let last = await takeFingerprint(database)
  return vi.waitFor(
    async () => {
      const next = await takeFingerprint(database)
      const changed = changedTables(last, next)
      last = next
      if (changed.length > 0) throw new Error(`still changing: ${changed.join(', ')}`)
      return next
    },
    { timeout: 60_000, interval: 300 },
  )
}

/** The tables whose content differs. */
export function changedTables(before: Fingerprint, after: Fingerprint): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name])
}

/** The tables in which a text stands in clear. */
export async function tablesHolding(database: Pick<TestDatabase, 'admin'>, text: string): Promise<string[]> {
  const tables = await tableNames(database, {})
  const tests = tables.map(
    (name) => `select '${name}' as name where exists (select from "${name}" t where strpos(t::text, $1) > 0)`,
  )
  const rows = await rowsOf<{ name: string }>(database, tests.join(' union all '), [text])
  return rows.map(({ name }) => name)
}
