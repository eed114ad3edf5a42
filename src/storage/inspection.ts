import { readFile } from 'node:fs/promises'
import { now, toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Database, Queryable } from './db.ts'
import { dumpSchema } from './schema-dump.ts'

// What `doctor` looks at. Nothing here writes.

const clock = prepared<{ at: Date }>('inspect-clock', 'select clock_timestamp() as at')

/** How far PostgreSQL's clock is ahead of this process's, milliseconds; exact to half the round trip. */
export async function readClockDifference(db: Queryable): Promise<number> {
  const before = now()
  const [row] = await clock(db, [])
  return (row?.at.getTime() ?? before) - (before + now()) / 2
}

const room = prepared<{ general: number; role: number; database: number; super: boolean; others: number }>(
  'inspect-connections',
  `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as general,
          r.rolconnlimit as role, d.datconnlimit as database, r.rolsuper as super,
          (select count(*)::int from pg_stat_activity
            where backend_type = 'client backend' and application_name not like 'tributary%') as others
     from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()`,
)

/** How many connections this product can have, beside those that other programs hold now. */
export async function readConnectionRoom(db: Queryable): Promise<number> {
  const [row] = await room(db, [])
  if (!row) return 0
  // -1 means no limit of its own, and no such limit binds a superuser.
  const limits = [row.role, row.database].filter((limit) => limit >= 0 && !row.super)
  return Math.min(row.general - row.others, ...limits)
}

// Index ingest_batch_xid: from the position of the slowest follower on.
const unseen = prepared<{ count: number }>(
  'inspect-unseen',
  `select count(*)::int as count from ingest_batch
    where xid >= coalesce((select min(position::text::numeric)::text::xid8 from follower), '0'::xid8)
      and at < $1::timestamptz`,
)

/** Flushes from before `before` that some follower has not seen. */
export async function countUnseenBatches(db: Queryable, before: Instant): Promise<number> {
  const [row] = await unseen(db, [toRfc3339(before)])
  return row?.count ?? 0
}

/** The first line in which the database's schema differs from this release's; undefined when they are equal. */
export async function findSchemaDifference(db: Database): Promise<string | undefined> {
  const wanted = await readFile(new URL('./schema.sql', import.meta.url), 'utf8')
  const found = await dumpSchema(db.general)
  if (wanted === found) return undefined
  const [ours, theirs] = [new Set(wanted.split('\n')), new Set(found.split('\n'))]
  const missing = [...ours].find((line) => !theirs.has(line))
  if (missing !== undefined) return `lacks: ${asPhrase(missing)}.`
  return `has: ${asPhrase([...theirs].find((line) => !ours.has(line)) ?? 'another order')}.`
}

function asPhrase(line: string): string {
  return line.trim().replace(/[,;]$/, '')
}
