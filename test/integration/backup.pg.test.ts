import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ArchiveReader } from '../../src/core/backup/index.ts'
import { openArchive } from '../../src/core/backup/index.ts'
import type { BackupManifest } from '../../src/model/backup.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { dumpSchema } from '../../src/storage/schema-dump.ts'
import { openBackupFolder, restoreFile } from '../setup/backups.ts'
import type { BackupFolder } from '../setup/backups.ts'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let folder: BackupFolder

beforeAll(async () => {
  folder = await openBackupFolder()
})

afterAll(() => folder.remove())

// What text format, row text, JSON, arrays and numbers can trip over. A NUL cannot be stored at all.
const ODD = `
  insert into profile values
    (1, 1, 1, '{"tab": "a\\tb", "line": "a\\nb\\r\\n", "back\\\\slash": "\\\\N \\\\.", "e": "é\u{1F389} \u202e"}', 'infinity', '-infinity'),
    (1, 2, 1, '{}', '0001-01-01 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00'),
    (1, 3, 2147483647, '{"n": 1e400, "d": 0.10, "z": -0.0, "deep": [[[null]]]}', '2026-03-29 01:59:59.123456+00', '1970-01-01');
  insert into note values
    (1, 1, 'a0000000-0000-7000-8000-000000000001', 1, '', E'\\\\.\\n\\\\N\\t"quo""ted", (round)', '2026-01-01', 'x', null, '2026-01-01', ''),
    (1, 2, 'a0000000-0000-7000-8000-000000000002', 2, E'\\\\N', 'null', '2026-01-01', 'NULL', 0, '2026-01-01', '\\N');
  insert into transaction values
    (1, 1, 'b0000000-0000-7000-8000-000000000001', 1, '2026-01-01', 's', 'o', 'EUR', 'NaN', 'Infinity', null, null, '[]'),
    (1, 1, 'b0000000-0000-7000-8000-000000000002', 1, '2026-01-01', 's', 'o', 'EUR', 12345678901234567890.1234567890, -0.00, 1e-30, '', '[1.0]');
  insert into rejection values
    (1, 'c0000000-0000-7000-8000-000000000001', now(), 'd', 'o', 'r', '', E'\\b\\f\\v\\x7f', false, '{"\\\\x00ff","\\\\x"}', null, 't', 1, null, null),
    (1, 'c0000000-0000-7000-8000-000000000002', now(), 'd', 'o', 'r', '/a~1b', null, true, '{}', 5, 't', 1, now(), '');
  insert into user_invitation values
    ('d0000000-0000-7000-8000-000000000001', '\\x00', 'a@b', 'r', 'w', '{1,null,-3}', 'me', now(), now(), null, null, null, null);
  insert into ingest_batch (xid, flush_id, workspace_id, at, profile_ids, last_occurred_at, counts, items)
    values ('900', 'e0000000-0000-7000-8000-000000000001', 1, now(), '{1,2}', '{null,2026-01-01}', '{}', '{ "a" :  1, "a":2}');
  insert into follower values ('statistics', '5');`

const EVENTS = `
  insert into event (workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source, properties)
  select 1, n % 7, gen_random_uuid(), date_trunc('month', now()) + n * interval '1 minute', now(), n % 7, 'E' || n % 5, 's',
         jsonb_build_object('n', n, 'x', random())
    from generate_series(1, $1::int) n`

async function openOdd(major: 15 | 18): Promise<TestDatabase> {
  const database = await openTestDatabase({ major })
  await database.admin.query(ODD)
  await database.admin.query(EVENTS, [500])
  return database
}

/** All that does not depend on the cluster: batches and followers are moved to the ids of the new one. */
function contentOf({ tables }: BackupManifest): unknown {
  return tables.filter(({ name }) => name !== 'ingest_batch' && name !== 'follower')
}

test.each([
  [15, 18],
  [18, 15],
  [18, 18],
] as const)(
  'what was backed up on PostgreSQL %s and restored on %s is the same to the last odd character',
  async (before, after) => {
    const source = await openOdd(before)
    const target = await openTestDatabase({ major: after, empty: true })
    const { path, manifest } = await folder.backUp(source)
    await restoreFile(path, target)
    const again = await folder.backUp(target)
    expect(contentOf(again.manifest)).toEqual(contentOf(manifest))
    expect(await dumpSchema(target.db.general)).toBe(await dumpSchema(source.db.general))
    const profiles = 'select * from profile order by profile_id'
    expect(await rowsOf(target, profiles)).toEqual(await rowsOf(source, profiles))
    // The sequence goes on behind what was loaded, and the batch that nobody had followed is the new cluster's own.
    const [row] = await rowsOf<{ number: string; highest: string; ahead: boolean }>(
      target,
      `select nextval(pg_get_serial_sequence('ingest_batch', 'number')) as number, (select max(number) from ingest_batch) as highest,
              (select xid >= (select position from follower) and xid < pg_snapshot_xmax(pg_current_snapshot()) from ingest_batch) as ahead`,
    )
    expect([Number(row?.number), row?.ahead]).toEqual([Number(row?.highest) + 1, true])
    expect(await migrate(target.db)).toEqual([])
    await Promise.all([source.close(), target.close()])
  },
)

test('a backup is of one instant, and neither writers nor new partitions wait for it', async () => {
  const source = await openOdd(18)
  await source.admin.query("set statement_timeout = '2s'")
  let written = 0
  const { path, manifest } = await folder.backUp(source, async () => {
    if (written++ > 3) return
    await source.admin.query(EVENTS, [100])
    await source.admin.query(`update profile set version = version + 1 where profile_id = 1`)
    await source.admin.query('delete from note where profile_id = 2')
    await source.admin.query(`create table event_part_${written} (like event including all)`)
    await source.admin.query(
      `alter table event attach partition event_part_${written}
         for values from ('${1900 + written}-01-01') to ('${1901 + written}-01-01')`,
    )
  })
  expect(written).toBeGreaterThan(3)
  const rowsIn = (table: string): string | undefined =>
    manifest.tables.find(({ name }) => name === table)?.rows
  expect([rowsIn('event'), rowsIn('note')]).toEqual(['500', '2'])
  const target = await openTestDatabase({ empty: true })
  await restoreFile(path, target)
  expect(await countOf(target, 'select count(*) from event')).toBe(500)
  await Promise.all([source.close(), target.close()])
})

test('what would change a table waits for the backup instead of breaking it', async () => {
  const source = await openOdd(18)
  let refusal: unknown
  const { path } = await folder.backUp(source, async () => {
    if (refusal !== undefined) return
    await source.admin.query("set lock_timeout = '100ms'")
    refusal = await source.admin
      .query('alter table note add column more text')
      .catch((error: unknown) => error)
  })
  expect(refusal).toMatchObject({ code: '55P03' })
  const target = await openTestDatabase({ empty: true })
  await restoreFile(path, target)
  await Promise.all([source.close(), target.close()])
})

test('a restore that goes wrong says why, changes nothing, and can be done again', async () => {
  const source = await openOdd(18)
  const target = await openTestDatabase({ empty: true })
  const { path } = await folder.backUp(source)
  const lines = (table: string, content: string) => (archive: ArchiveReader) => ({
    ...archive,
    openRows: async (name: string) => (name === table ? Readable.from([content]) : archive.openRows(name)),
  })
  const told = (change: Partial<BackupManifest>) => (archive: ArchiveReader) => ({
    ...archive,
    manifest: { ...archive.manifest, ...change },
  })
  const { manifest } = await openArchive(path)
  const [first, ...others] = manifest.tables
  const newer = [...manifest.migrations, { version: 9999, name: '9999_later.sql', checksum: '' }]
  const edited = manifest.migrations.map((mark) => ({ ...mark, checksum: '00' }))
  const injected = manifest.tables.map((table) =>
    table.name === 'event'
      ? { ...table, partitions: [{ name: 'event_1; drop table event', from: 0, to: 1 }] }
      : table,
  )
  const attempts: [RegExp, string, (archive: ArchiveReader) => ArchiveReader][] = [
    [/note \(0 rows instead of 2\)/, 'CDP_BACKUP_DIFFERS', lines('note', '')],
    [/rows of note/, 'CDP_BACKUP_UNREADABLE', lines('note', 'nonsense\n')],
    [/9999_later/, 'CDP_BACKUP_NEWER', told({ migrations: newer })],
    [/was edited/, 'CDP_INVARIANT_BROKEN', told({ migrations: edited })],
    [/table access_token/, 'CDP_BACKUP_UNREADABLE', told({ tables: others })],
    [
      /table stranger/,
      'CDP_BACKUP_UNREADABLE',
      told({ tables: [{ ...first!, name: 'stranger' }, ...others] }),
    ],
    [/cannot have a part/, 'CDP_BACKUP_UNREADABLE', told({ tables: injected })],
  ]
  for (const [message, code, change] of attempts) {
    await expect(restoreFile(path, target, change), code).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    })
    expect(
      await countOf(target, `select count(*) from pg_class where relnamespace = 'public'::regnamespace`),
    ).toBe(0)
  }
  await restoreFile(path, target)
  await expect(restoreFile(path, target)).rejects.toMatchObject({ code: 'CDP_DATABASE_NOT_EMPTY' })
  await Promise.all([source.close(), target.close()])
})

test('a file that is cut off, is something else or comes from a newer release is refused before anything is done', async () => {
  const source = await openOdd(18)
  const whole = await readFile((await folder.backUp(source)).path)
  await source.close()
  for (const content of [
    whole.subarray(0, whole.length - 30),
    whole.subarray(0, 5_000),
    '',
    'not a zip file',
    await zipOf({ 'other.txt': 'x' }),
    await zipOf({ 'manifest.json': '{' }),
    await zipOf({ 'manifest.json': '{"product": "tributary", "format": 1}' }),
  ])
    await expect(openArchive(await folder.keep(content))).rejects.toMatchObject({
      code: 'CDP_BACKUP_UNREADABLE',
    })
  const later = await zipOf({ 'manifest.json': '{"product": "tributary", "format": 2, "anything": true}' })
  await expect(openArchive(await folder.keep(later))).rejects.toMatchObject({ code: 'CDP_BACKUP_NEWER' })
  await expect(openArchive('/nowhere/at.all')).rejects.toMatchObject({ code: 'CDP_BACKUP_UNREADABLE' })
})

test('a migrated database in which nothing was stored is empty enough, one with rows or strange tables is not', async () => {
  const source = await openOdd(18)
  const { path, manifest } = await folder.backUp(source)
  const target = await openTestDatabase()
  await target.admin.query('create table strange ()')
  const refused = { code: 'CDP_DATABASE_NOT_EMPTY', message: expect.stringContaining('strange') as string }
  await expect(restoreFile(path, target)).rejects.toMatchObject(refused)
  await target.admin.query('drop table strange; insert into counter values (1, $$a$$, $$b$$, 1)')
  await expect(restoreFile(path, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('counter') as string,
  })
  await target.admin.query('delete from counter')
  await restoreFile(path, target)
  expect(contentOf((await folder.backUp(target)).manifest)).toEqual(contentOf(manifest))
  await Promise.all([source.close(), target.close()])
})

test("a table that is not the product's is left out, and what has no installation is not backed up", async () => {
  const source = await openOdd(18)
  await source.admin.query('create table strange (a int)')
  const { manifest } = await folder.backUp(source)
  expect(manifest.tables.some(({ name }) => name === 'strange')).toBe(false)
  const empty = await openTestDatabase({ empty: true })
  await expect(folder.backUp(empty)).rejects.toMatchObject({ code: 'CDP_DATABASE_UNSUITABLE' })
  await Promise.all([source.close(), empty.close()])
})

async function zipOf(entries: Record<string, string>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
