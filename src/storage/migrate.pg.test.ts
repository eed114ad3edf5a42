import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../../test/setup/database.ts'
import type { TestDatabase } from '../../test/setup/database.ts'
import { isMigrated, migrate } from './migrate.ts'
import { dumpSchema } from './schema-dump.ts'

describe.each(MAJORS)('migrations on PostgreSQL %s', (major) => {
  let database: TestDatabase

  beforeEach(async () => {
    database = await openTestDatabase({ major, empty: true })
  })
  afterEach(() => database.close())

  test('bring an empty database up, and a second start does nothing', async () => {
    const applied = await migrate(database.db)
    expect(applied[0]).toBe(1)
    expect(applied).toEqual(applied.toSorted((a, b) => a - b))
    const before = await stateOf()
    expect(await migrate(database.db)).toEqual([])
    expect(await stateOf()).toEqual(before)
    expect(await isMigrated(database.db)).toBe(true)
  })

  test('are applied once by two starters at the same time', async () => {
    const other = database.openAnother()
    const applied = await Promise.all([migrate(database.db), migrate(other)])
    await other.close()
    expect(applied.flat().toSorted((a, b) => a - b)).toEqual(applied.find(({ length }) => length > 0))
    expect(await countOf(database, 'select count(*) from installation')).toBe(1)
  })

  test('are refused when the database was migrated by a newer server', async () => {
    await migrate(database.db)
    await database.admin.query(`insert into schema_migration values (9999, '9999_future.sql', 'x', now())`)
    await expect(migrate(database.db)).rejects.toMatchObject({
      code: 'CDP_DATABASE_NEWER',
      message: expect.stringContaining('9999') as string,
    })
    expect(await isMigrated(database.db)).toBe(false)
  })

  test('are refused when one was edited after it had been applied', async () => {
    await migrate(database.db)
    await database.admin.query(`update schema_migration set checksum = 'other' where version = 1`)
    await expect(migrate(database.db)).rejects.toMatchObject({
      code: 'CDP_INVARIANT_BROKEN',
      message: expect.stringContaining('0001') as string,
    })
  })

  test('leave nothing behind when one of them fails', async () => {
    await database.admin.query('create table profile (taken integer)')
    await expect(migrate(database.db)).rejects.toThrow(/already exists/)
    const tables = await rowsOf(
      database,
      `select relname from pg_class where relnamespace = 'public'::regnamespace`,
    )
    expect(tables).toEqual([{ relname: 'profile' }])
  })

  test('leave the partitions of this month and three more standing', async () => {
    await migrate(database.db)
    const rows = await rowsOf<{ table: string; count: number }>(
      database,
      `select inhparent::regclass::text as table, count(*)::int as count from pg_inherits
         join pg_class c on c.oid = inhrelid where c.relkind = 'r' group by 1 order by 1`,
    )
    expect(rows.find(({ table }) => table === 'event')?.count).toBe(4)
    expect(rows.find(({ table }) => table === 'profile_change')?.count).toBe(4)
    expect(rows.find(({ table }) => table === 'rejection')?.count).toBeGreaterThanOrEqual(3)
  })

  async function stateOf(): Promise<unknown> {
    const rows = await rowsOf(database, 'select * from schema_migration order by version')
    const relations = await rowsOf(
      database,
      `select oid, relname from pg_class where relnamespace = 'public'::regnamespace order by 1`,
    )
    return [rows, relations, await dumpSchema(database.db.general)]
  }
})
