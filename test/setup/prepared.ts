import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

const run = promisify(execFile)

/** The server as it is built; another build is named by TRIBUTARY_DIST. */
export const DIST = process.env['TRIBUTARY_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url))

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder whose `data` is a migrated data directory that no server has served yet; for copies, see {@link copyPrepared}. */
    preparedRoot: string
  }
}

/**
 * Makes a cluster and the newest schema once for the whole project: most tests of servers are not about their first start, which
 * takes seconds and asks the disk to be in step each time.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = await mkdtemp(join(tmpdir(), 'tributary-prepared-'))
  const remove = async (): Promise<void> => rm(root, { recursive: true, force: true })
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, TRIBUTARY_DATA_DIR: join(root, 'data') }
  await run(process.execPath, [join(DIST, 'main.js'), 'migrate'], { env }).catch(async (error: unknown) => {
    await remove()
    throw error
  })
  project.provide('preparedRoot', root)
  return remove
}

/**
 * Copies a prepared data directory. Its programs are links to those of the original: they are half of its bytes, and nothing
 * writes to them.
 * @param root see `preparedRoot`
 * @param dataDir is not there yet
 */
export async function copyPrepared(root: string, dataDir: string): Promise<void> {
  const prepared = join(root, 'data')
  await mkdir(dataDir, { mode: 0o700 })
  // cp, because it keeps the owner: root's PostgreSQL may run as somebody else.
  const names = (await readdir(prepared)).filter((name) => name !== 'engine')
  await run('cp', ['-a', ...names.map((name) => join(prepared, name)), dataDir])
  await mkdir(join(dataDir, 'engine'))
  for (const version of await readdir(join(prepared, 'engine')))
    await symlink(join(prepared, 'engine', version), join(dataDir, 'engine', version))
}
