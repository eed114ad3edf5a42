import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../../lib/sync-directory.ts'
import { CdpError } from '../../model/errors.ts'
import { giveTo, spawnAs, type EngineUser } from './engine-user.ts'
import { findEngineCopy } from './engine.ts'
import { engineFailure } from './failure.ts'
import type { Layout } from './layout.ts'

/** The superuser, and the database that everything lives in. */
export const DATABASE_NAME = 'tributary'
const DRAFT_PREFIX = 'pg-draft-'
/** The first major that brings its own UTF-8 locale, which no update of the system can change under an index. */
const BUILTIN_LOCALE_MAJOR = 17

/** The oldest major version whose data is carried over. */
const CARRIED_MAJOR_MIN = 15

/**
 * Refuses a cluster that another major version made and that cannot be carried over: of a newer one, of one that is too old, or
 * one whose own programs are gone.
 * @param major that of the bundled engine
 * @throws CDP_DATA_DIR_VERSION `detail` says what to do
 */
export async function checkClusterMajor(layout: Layout, major: number): Promise<void> {
  const found = Number(await readClusterMajor(layout))
  if (Number.isNaN(found) || found === major) return
  const made = `${layout.pgDir} was made by PostgreSQL ${found}, and this release brings PostgreSQL ${major}`
  if (found > major)
    throw new CdpError('CDP_DATA_DIR_VERSION', { detail: `${made}. Start the newer release.` })
  if (found >= CARRIED_MAJOR_MIN && (await findEngineCopy(layout, found))) return
  throw new CdpError('CDP_DATA_DIR_VERSION', {
    detail:
      `${made}. To carry the data over it needs the programs of PostgreSQL ${found}, and they are not in ${layout.engineDir}. ` +
      'Start the release that made it once: it puts them there, and then start this one again. Or take a backup with that release ' +
      '("tributary backup") and restore it into an empty data directory with this one; ' +
      `or run a PostgreSQL ${found} of your own on it and set DATABASE_URL.`,
  })
}

/** The major version of PostgreSQL that made the cluster; undefined when there is none. */
export async function readClusterMajor(layout: Layout): Promise<string | undefined> {
  const text = await readFile(join(layout.pgDir, 'PG_VERSION'), 'utf8').catch(() => undefined)
  return text?.trim()
}

/** What initdb needs to know. */
export interface ClusterOptions {
  layout: Layout
  binDir: string
  user: EngineUser
  major: number
}

/**
 * Makes the cluster if there is none. It grows under another name, so that a kill in the middle leaves no
 * half cluster; the password is on disk before, so that no cluster is ever without one.
 * @returns the superuser's password
 * @throws CDP_ENGINE_FAILED initdb failed, or the password of an existing cluster is gone
 */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const { layout } = options
  await removeClusterDrafts(layout)
  if ((await readClusterMajor(layout)) !== undefined) return readPassword(layout)
  const password = await makePassword(layout, options.user)
  await makeCluster(options)
  return password
}

/** Makes a cluster at `layout.pgDir`, where none is. The password's file is there. @throws CDP_ENGINE_FAILED */
export async function makeCluster(options: ClusterOptions): Promise<void> {
  const { layout, user } = options
  const draft = join(layout.dataDir, `${DRAFT_PREFIX}${randomBytes(4).toString('hex')}`)
  await mkdir(draft, { mode: 0o700 })
  await giveTo(user, draft)
  await giveTo(user, layout.passwordFile)
  await runInitdb(options, draft)
  await rename(draft, layout.pgDir)
  await syncDirectory(layout.dataDir)
}

/** Removes what a killed initdb has left. */
export async function removeClusterDrafts(layout: Layout): Promise<void> {
  const drafts = (await readdir(layout.dataDir)).filter((name) => name.startsWith(DRAFT_PREFIX))
  // The initdb of a killed process may still be writing, until it notices that nobody listens to it.
  const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }
  await Promise.all(drafts.map((name) => rm(join(layout.dataDir, name), options)))
}

/**
 * The superuser's password.
 * @throws CDP_ENGINE_FAILED its file is gone
 */
export async function readPassword(layout: Layout): Promise<string> {
  const password = await readFile(layout.passwordFile, 'utf8').catch((error: unknown) => {
    throw engineFailure(
      `The password of the database is gone: put ${layout.passwordFile} back from a backup`,
      String(error),
    )
  })
  return password.trim()
}

/** initdb runs as the engine's user and must read the file; argv would show the password to everyone. */
async function makePassword(layout: Layout, user: EngineUser): Promise<string> {
  const password = randomBytes(24).toString('hex')
  const file = await open(layout.passwordFile, 'w', 0o600)
  await file.writeFile(`${password}\n`)
  await file.sync()
  await file.close()
  await chmod(layout.passwordFile, 0o600)
  await giveTo(user, layout.passwordFile)
  return password
}

async function runInitdb(options: ClusterOptions, draft: string): Promise<void> {
  const args = [
    `--pgdata=${draft}`,
    `--username=${DATABASE_NAME}`,
    `--pwfile=${options.layout.passwordFile}`,
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    ...(options.major >= BUILTIN_LOCALE_MAJOR ? ['--locale-provider=builtin'] : []),
    '--data-checksums',
    '--auth=scram-sha-256',
  ]
  const { code, output } = await runProgram(options.user, join(options.binDir, 'initdb'), args)
  if (code !== 0) throw engineFailure('The database could not be created (initdb failed)', output)
}

function runProgram(
  user: EngineUser,
  program: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawnAs(user, program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer) => (output += chunk.toString('utf8'))
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('error', (error) => done({ code: null, output: String(error) }))
    child.on('close', (code) => done({ code, output }))
  })
}
