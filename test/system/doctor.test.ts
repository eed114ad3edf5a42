import { chmod, chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { complaints, doctor } from './doctor-harness.ts'
import { ServerSandbox } from './server-harness.ts'

/** Every file below a folder with size and time of change. */
async function snapshot(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const lines = await Promise.all(
    names.map(async (name) => {
      const { mode, size, mtimeMs } = await stat(join(folder, name))
      return `${name} ${mode} ${size} ${mtimeMs}`
    }),
  )
  return lines.sort()
}

const isRoot = process.getuid?.() === 0

describe('of a stopped server', () => {
  let sandbox: ServerSandbox

  beforeAll(async () => {
    sandbox = await ServerSandbox.prepared()
    await (await sandbox.serve()).stop()
  })

  afterAll(async () => sandbox.destroy())

  const at = (name: string): string => join(sandbox.dataDir, name)

  /** Does something to the data directory, looks, and undoes it; the look itself must change nothing. */
  async function afterwards(work: () => Promise<void>, undo: () => Promise<void>): Promise<string[]> {
    await work()
    try {
      const before = await snapshot(sandbox.dataDir)
      const found = complaints(await doctor(sandbox))
      expect(await snapshot(sandbox.dataDir)).toEqual(before)
      return found
    } finally {
      await undo()
    }
  }

  test('everything is ok: the database is started for the look and stopped again', async () => {
    const names = await readdir(sandbox.dataDir)
    const report = await doctor(sandbox)
    expect(complaints(report)).toEqual([])
    expect(report.checks.at(-1)?.check).toBe('secret key')
    expect((await readdir(sandbox.dataDir)).sort()).toEqual(names.sort())
  })

  test('a data directory that is not there is a fault, and is not made', async () => {
    const missing = sandbox.path('no-such-place')
    const report = await doctor(sandbox, { args: ['--data-dir', missing] })
    expect(complaints(report)).toEqual([`fault data directory: ${missing} is not there.`])
    await expect(stat(missing)).rejects.toMatchObject({ code: 'ENOENT' })
    const file = sandbox.path('a-file')
    await writeFile(file, '')
    const other = await doctor(sandbox, { args: ['--data-dir', file] })
    expect(complaints(other)).toEqual([`fault data directory: ${file} is no directory.`])
  })

  test('an empty data directory is told, and left empty', async () => {
    const empty = sandbox.path('empty')
    await mkdir(empty, { mode: 0o700 })
    const report = await doctor(sandbox, { args: ['--data-dir', empty] })
    expect(complaints(report)).toEqual(['warning bundled PostgreSQL: There is no database yet.'])
    expect(await readdir(empty)).toEqual([])
  })

  test.each([
    [0o777, 'fault data directory: Others may write in'],
    [0o755, 'warning data directory: Others may list'],
  ])('a data directory with mode %o is told', async (mode, complaint) => {
    await chmod(sandbox.dataDir, mode)
    const report = await doctor(sandbox)
    await chmod(sandbox.dataDir, 0o700)
    expect(complaints(report)).toEqual([expect.stringContaining(complaint)])
  })

  test.skipIf(!isRoot)('a data directory of another user is a fault', async () => {
    await chown(sandbox.dataDir, 65_534, 65_534)
    const report = await doctor(sandbox)
    await chown(sandbox.dataDir, 0, 0)
    expect(complaints(report)).toEqual([expect.stringContaining('belongs to user 65534')])
  })

  test.skipIf(isRoot)('a data directory that cannot be written is a fault', async () => {
    await chmod(sandbox.dataDir, 0o500)
    const report = await doctor(sandbox)
    await chmod(sandbox.dataDir, 0o700)
    expect(complaints(report)).toContainEqual(expect.stringContaining('cannot be written'))
  })

  test.each(['secret.key', 'postgres.password'])('%s that others may read is a fault', async (name) => {
    await chmod(at(name), 0o644)
    const report = await doctor(sandbox)
    await chmod(at(name), 0o600)
    expect(complaints(report)).toEqual([`fault private files: Others may read ${at(name)} (mode 644).`])
  })

  test('data of another major version is a fault', async () => {
    const version = await readFile(at('pg/PG_VERSION'), 'utf8')
    const found = await afterwards(
      () => writeFile(at('pg/PG_VERSION'), '15\n'),
      () => writeFile(at('pg/PG_VERSION'), version),
    )
    expect(found).toEqual([expect.stringContaining('The data was made by PostgreSQL 15')])
  })

  test('a password that is gone is a fault', async () => {
    const found = await afterwards(
      () => rename(at('postgres.password'), sandbox.path('password')),
      () => rename(sandbox.path('password'), at('postgres.password')),
    )
    expect(found).toEqual(['fault bundled PostgreSQL: The password of the database is gone.'])
  })

  test('programs that are gone are a fault, those of another version a warning', async () => {
    const gone = await afterwards(
      () => rename(at('engine'), sandbox.path('engine')),
      () => rename(sandbox.path('engine'), at('engine')),
    )
    expect(gone).toEqual([
      expect.stringContaining('The programs of PostgreSQL are not in the data directory'),
    ])
    const [version = ''] = await readdir(at('engine'))
    const old = await afterwards(
      () => rename(at(`engine/${version}`), at('engine/18.0.0')),
      () => rename(at('engine/18.0.0'), at(`engine/${version}`)),
    )
    expect(old).toEqual([
      expect.stringContaining('warning bundled PostgreSQL: The data directory has the programs of 18.0.0'),
    ])
  })

  test('a database that does not start is a fault with a way on', async () => {
    const control = at('pg/global/pg_control')
    await rename(control, sandbox.path('pg_control'))
    const report = await doctor(sandbox)
    await rename(sandbox.path('pg_control'), control)
    expect(complaints(report)).toEqual([expect.stringContaining('fault database:')])
    expect(report.checks.at(-1)?.fix).toContain('postgres.log')
    await rm(at('postmaster.pid'), { force: true })
    expect(complaints(await doctor(sandbox))).toEqual([])
  })
})
