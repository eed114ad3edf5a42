import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../../src/lib/ids.ts'
import { restoreFile } from '../setup/backups.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

const FIXTURES = new URL('./', import.meta.url)

const MIGRATIONS = new URL('../../src/storage/migrations/', import.meta.url)

/** Under which everything that the fixtures sealed was sealed. */
export const SECRET_KEY = Buffer.alloc(32, 7).toString('base64')

/** Credentials of the first workspace of an old database. */
export interface OldKeys {
  licenseCode: string
  webengage: string
  native: string
}

/** A database as an earlier release left it. */
export interface OldDatabase extends TestDatabase {
  keys: OldKeys
  /** The version whose release wrote the rows; lower than the schema's when no commit ever had that one as its newest. */
  written: number
}

/** Every schema version, oldest first. */
export async function listVersions(): Promise<number[]> {
  return (await migrationNames()).map((name) => Number(name.slice(0, 4)))
}

/** Makes a database of a schema version with the rows of its own release, or of the one before if it has none. */
export async function openOldDatabase(version: number): Promise<OldDatabase> {
  const written = await findWritten(version)
  const database = await openTestDatabase({ empty: true })
  await restoreFile(fileURLToPath(fixture(written, 'zip')), database)
  for (const name of await migrationNames()) {
    const number = Number(name.slice(0, 4))
    if (number > written && number <= version) await apply(database, number, name)
  }
  const keys = JSON.parse(await readFile(fixture(written, 'json'), 'utf8')) as OldKeys
  return { ...database, keys, written }
}

function fixture(version: number, suffix: string): URL {
  return new URL(`${String(version).padStart(4, '0')}.${suffix}`, FIXTURES)
}

async function findWritten(version: number): Promise<number> {
  const names = (await readdir(FIXTURES)).filter((name) => /^\d{4}\.zip$/.test(name))
  const versions = names.map((name) => Number(name.slice(0, 4))).filter((number) => number <= version)
  return Math.max(...versions)
}

async function migrationNames(): Promise<string[]> {
  return (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()
}

async function apply({ admin }: TestDatabase, version: number, name: string): Promise<void> {
  const sql = await readFile(new URL(name, MIGRATIONS), 'utf8')
  await admin.query('begin')
  await admin.query(sql)
  await admin.query('insert into schema_migration values ($1, $2, $3, now())', [
    version,
    name,
    sha256(sql).toString('hex'),
  ])
  await admin.query('commit')
}

/** Tables whose rows no migration and no server may change by itself. */
const UNCHANGED = [
  'account',
  'account_identity',
  'company_relation',
  'consent',
  'device',
  'event',
  'identifier',
  'note',
  'profile',
  'profile_change',
  'profile_merge',
  'rejection',
  'signing_key',
  'tag_assignment',
  'tombstone',
  'transaction',
  'user_account',
  'workspace_secret',
]

/** Tables whose rows may be changed by an upgrade, but must be there: compared by their keys. */
const KEPT = ['api_key', 'attribute_definition', 'computed', 'domain_key', 'erasure', 'export', 'import', 'message', 'segment', 'tag', 'user_totp', 'workspace', 'workspace_role'] // prettier-ignore

/** Remembers the rows of these tables in a schema beside them. */
export async function rememberRows({ admin }: TestDatabase): Promise<void> {
  await admin.query('create schema before')
  for (const table of [...UNCHANGED, ...KEPT]) {
    const { rows } = await admin.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      `public.${table}`,
    ])
    if (rows[0]?.there) await admin.query(`create table before.${table} as table public.${table}`)
  }
  // A tag that was removed goes for good once it is off every profile, which a server looks for when it starts.
  await admin.query(`do $$ begin
    delete from before.tag where removal is not null;
    delete from before.tag_assignment where not exists (select from before.tag t where t.tag_id = tag_assignment.tag_id);
    exception when undefined_table or undefined_column then null; end $$`)
}

const SHARED = `
  select b.relname as table, count(*) over (partition by b.relname) as columns, a.attname as column
    from pg_class b
    join pg_attribute a on a.attrelid = b.oid and a.attnum > 0
    join pg_class n on n.relname = b.relname and n.relnamespace = 'public'::regnamespace
    join pg_attribute m on m.attrelid = n.oid and m.attname = a.attname and not m.attisdropped
    left join pg_index x on x.indrelid = n.oid and x.indisprimary
   where b.relnamespace = 'before'::regnamespace and b.relkind = 'r'
     and (b.relname = any($1) or m.attnum = any(x.indkey))`

/** Looks for what was remembered. @returns how many rows there were, and the tables that lack some of them, with how many */
export async function findLostRows({
  admin,
}: TestDatabase): Promise<{ remembered: number; lost: Record<string, number> }> {
  const { rows } = await admin.query<{ table: string; column: string }>(SHARED, [UNCHANGED])
  const columns = new Map<string, string[]>()
  for (const { table, column } of rows)
    columns.set(table, [...(columns.get(table) ?? []), `"${column}"::text`])
  const lost: Record<string, number> = {}
  let remembered = 0
  for (const [table, names] of columns) {
    const counted = await admin.query<{ lost: number; all: number }>(
      `select (select count(*)::int from before.${table}) as all,
              (select count(*)::int from (select ${names.join()} from before.${table} except all
                                          select ${names.join()} from public.${table}) l) as lost`,
    )
    remembered += counted.rows[0]?.all ?? 0
    if (counted.rows[0]?.lost !== 0) lost[table] = counted.rows[0]?.lost ?? -1
  }
  return { remembered, lost }
}
