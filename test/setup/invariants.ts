import { rowsOf } from './database.ts'
import type { TestDatabase } from './database.ts'

/** Runs one statement on the database of the server, with nothing to fill in. */
export type Query = <Row extends object>(sql: string) => Promise<Row[]>

/** What holds of every database at every moment: each gives the number of rows that break it. */
const INVARIANTS: Readonly<Record<string, string>> = {
  'identifiers of no profile': `select count(*)::int as count from identifier i
     where not exists (select from profile p where (p.workspace_id, p.profile_id) = (i.workspace_id, i.profile_id))`,
  'profiles without an identifier': `select count(*)::int as count from profile p
     where not exists (select from identifier i where (i.workspace_id, i.profile_id) = (p.workspace_id, p.profile_id))`,
  'events of nobody': `select count(*)::int as count from event e
     where not exists (select from profile p where (p.workspace_id, p.profile_id) = (e.workspace_id, e.profile_id))
       and not exists (select from profile_merge m where (m.workspace_id, m.from_id) = (e.workspace_id, e.profile_id))`,
  'event ids of no event': `select count(*)::int as count from dedupe d
     where not exists (select from event e where (e.workspace_id, e.event_id) = (d.workspace_id, d.event_id))`,
  'transactions without their event': `select count(*)::int as count from transaction t
     where not exists (select from event e where (e.workspace_id, e.event_id) = (t.workspace_id, t.transaction_id))`,
  'events of a transaction that is not there': `select count(*)::int as count from event e
     where e.name = 'transaction.charge'
       and not exists (select from transaction t where (t.workspace_id, t.transaction_id) = (e.workspace_id, e.event_id))`,
  'merged profiles that are still there': `select count(*)::int as count from profile_merge m
     join profile p on (p.workspace_id, p.profile_id) = (m.workspace_id, m.from_id)`,
  'merges into nobody': `select count(*)::int as count from profile_merge m
     where not exists (select from profile p where (p.workspace_id, p.profile_id) = (m.workspace_id, m.to_id))`,
  'two primary identifiers of a kind': `select count(*)::int as count from (
     select from identifier where is_primary group by workspace_id, profile_id, kind having count(*) > 1) as twice`,
  'profiles that the lists do not know': `select count(*)::int as count from profile p
     where not exists (select from profile_search s where (s.workspace_id, s.profile_id) = (p.workspace_id, p.profile_id))`,
}

/** What an erasure leaves on purpose: the hash of an event's id, so that a late retry is still known as one. */
export const LEFT_BY_ERASURES = ['event ids of no event'] as const

/** What happens where a write replaces or removes the only identifier that somebody was known by: design.md frees the old value. */
export const LEFT_BY_FREED_IDENTIFIERS = ['profiles without an identifier'] as const

/** Names of what does not hold, in any workspace, with the number of rows. @param except what need not hold */
export async function findBroken(query: Query, except: readonly string[] = []): Promise<string[]> {
  const looked = Object.entries(INVARIANTS).filter(([name]) => !except.includes(name))
  const counts = looked.map(([name, sql]) => `select '${name}' as name, broken.count from (${sql}) as broken`)
  const rows = await query<{ name: string; count: number }>(counts.join(' union all '))
  return rows.filter(({ count }) => count > 0).map(({ name, count }) => `${count} ${name}`)
}

/** {@link findBroken} in the database of a test. */
export function findBrokenIn(
  database: Pick<TestDatabase, 'admin'>,
  except?: readonly string[],
): Promise<string[]> {
  return findBroken((sql) => rowsOf(database, sql), except)
}
