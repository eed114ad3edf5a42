import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAJORS, openTestDatabase, rowsOf } from '../../test/setup/database.ts'
import type { TestDatabase } from '../../test/setup/database.ts'
import { DISTRIBUTION } from './distribution.ts'
import type { Distribution } from './distribution.ts'
import { dumpSchema } from './schema-dump.ts'

interface Key {
  table: string
  isUnique: boolean
  columns: string[]
}

const KEYS = `
  select c.relname as table, x.indisunique as "isUnique",
         array(select a.attname::text from unnest(x.indkey[:x.indnkeyatts - 1]) with ordinality as k(number, place)
                 join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number order by k.place) as columns
    from pg_index x join pg_class c on c.oid = x.indrelid
   where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relkind in ('r', 'p')`

describe.each(MAJORS)('the schema on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let keys: Key[]

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    keys = await rowsOf<Key>(database, KEYS)
  })
  afterAll(() => database.close())

  test('schema.sql is what the migrations make', async () => {
    const kept = await readFile(new URL('schema.sql', import.meta.url), 'utf8')
    expect(await dumpSchema(database.db.general)).toBe(kept)
  })

  test('every table has a class, and every class a table', async () => {
    const rows = await rowsOf<{ name: string }>(
      database,
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace
          and relkind in ('r', 'p') and not relispartition`,
    )
    expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(DISTRIBUTION).toSorted())
  })

  test('a table that is cut by profile has workspace and profile in every unique key', () => {
    for (const table of tablesBy('profile')) {
      const unique = keys.filter((key) => key.table === table && key.isUnique)
      expect(unique, table).not.toHaveLength(0)
      for (const { columns } of unique)
        expect(columns, table).toEqual(expect.arrayContaining(['workspace_id', 'profile_id']))
    }
  })

  test('a table that is cut by its own key has that key in every unique key', () => {
    for (const [table, distribution] of Object.entries<Distribution>(DISTRIBUTION)) {
      if (distribution.by !== 'key') continue
      const unique = keys.filter((key) => key.table === table && key.isUnique)
      expect(unique, table).not.toHaveLength(0)
      for (const { columns } of unique) expect(columns, table).toContain(distribution.column)
    }
  })

  test('every unique key of customer data leads with workspace_id', () => {
    for (const table of [...tablesBy('profile'), ...tablesBy('key'), ...tablesBy('reference')]) {
      const leading = keys
        .filter((key) => key.table === table && key.isUnique)
        .map(({ columns }) => columns[0])
      expect(new Set(leading), table).toEqual(new Set(['workspace_id']))
    }
  })

  test('nothing that cannot be distributed is in the schema', async () => {
    const foreignKeys = await rowsOf(database, `select conname from pg_constraint where contype = 'f'`)
    const triggers = await rowsOf(database, 'select tgname from pg_trigger where not tgisinternal')
    const serials = await rowsOf<{ table: string }>(
      database,
      `select c.relname as table from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
         left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval%')`,
    )
    expect({ foreignKeys, triggers }).toEqual({ foreignKeys: [], triggers: [] })
    for (const { table } of serials) expect(tablesBy('local')).toContain(table)
  })
})

function tablesBy(by: Distribution['by']): string[] {
  return Object.entries<Distribution>(DISTRIBUTION).flatMap(([table, distribution]) =>
    distribution.by === by ? [table] : [],
  )
}
