import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { chmod, lchown, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CdpError } from '../../model/errors.ts'
import type { Layout } from './layout.ts'

const run = promisify(execFile)

/** Only what the engine needs: the server's own environment may hold secrets. C: its messages are matched. */
const ENGINE_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
}

/**
 * As whom the engine runs. PostgreSQL refuses to run as root, so root has two ways: a user namespace, in
 * which root's files stay readable and nothing has to be handed over, or another user.
 */
export type EngineUser = { kind: 'self' } | { kind: 'namespace' } | { kind: 'user'; uid: number; gid: number }

/** For tests and hosts where the first choice is wrong; only root has the choice. */
export type RunAs = 'namespace' | 'nobody'

/**
 * Finds out as whom the engine can run here.
 * @throws CDP_ENGINE_FAILED root, but neither way works; `detail` says what to do
 */
export async function chooseEngineUser(layout: Layout, runAs?: RunAs): Promise<EngineUser> {
  if (process.getuid?.() !== 0) return { kind: 'self' }
  const owner = await findOwner(layout)
  if (owner !== undefined) return checkReach(layout, owner)
  if (runAs !== 'nobody' && (await canUseNamespace())) return { kind: 'namespace' }
  return checkReach(layout, await findNobody())
}

/** The owner of an existing cluster stays its user: another one could not write to it. */
async function findOwner(layout: Layout): Promise<EngineUser | undefined> {
  const owner = await stat(layout.pgDir).catch(() => undefined)
  if (owner === undefined || owner.uid === 0) return undefined
  return { kind: 'user', uid: owner.uid, gid: owner.gid }
}

/** Tried, not guessed: containers forbid namespaces in many ways, and initdb wants the user to have a name. */
async function canUseNamespace(): Promise<boolean> {
  return run('unshare', ['-U', 'id', '-un'], { env: ENGINE_ENVIRONMENT }).then(
    () => true,
    () => false,
  )
}

async function findNobody(): Promise<EngineUser> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])))
    return { kind: 'user', uid: Number(uid?.stdout), gid: Number(gid?.stdout) }
  } catch (cause) {
    throw new CdpError('CDP_ENGINE_FAILED', {
      detail:
        'PostgreSQL does not run as root, and here is neither "unshare -U" nor a user "nobody" to run it as. ' +
        'Start Tributary as an ordinary user, or set DATABASE_URL.',
      cause,
    })
  }
}

async function checkReach(layout: Layout, user: EngineUser): Promise<EngineUser> {
  if (user.kind !== 'user') return user
  const { mode, uid } = await stat(layout.dataDir)
  if (uid !== user.uid) await chmod(layout.dataDir, (mode & 0o777) | 0o011)
  try {
    await run('test', ['-x', layout.dataDir], { uid: user.uid, gid: user.gid, cwd: '/' })
    return user
  } catch (cause) {
    throw new CdpError('CDP_ENGINE_FAILED', {
      detail:
        `PostgreSQL does not run as root, and the user that it would run as (uid ${user.uid}) cannot reach ` +
        `${layout.dataDir}. Set TRIBUTARY_DATA_DIR to a directory whose parents everyone may pass, such as ` +
        '/var/lib/tributary, start Tributary as an ordinary user, or set DATABASE_URL.',
      cause,
    })
  }
}

/**
 * Starts a program of the engine as the engine's user, in a session of its own: neither Ctrl-C nor the end
 * of the terminal reaches it. `unshare` replaces itself, so the pid is always the program's.
 */
export function spawnAs(
  user: EngineUser,
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const [file, argv] =
    user.kind === 'namespace' ? ['unshare', ['-U', program, ...args]] : [program, [...args]]
  const identity = user.kind === 'user' ? { uid: user.uid, gid: user.gid } : {}
  const env = { ...ENGINE_ENVIRONMENT, ...options.env }
  return spawn(file, argv, { ...options, ...identity, env, cwd: '/', detached: true })
}

/** Hands `path`, and all that is in it, to the engine's user, if that is another one. */
export async function giveTo(user: EngineUser, path: string): Promise<void> {
  if (user.kind !== 'user') return
  await lchown(path, user.uid, user.gid)
  const { kind, uid, gid } = user
  const names = await readdir(path).catch(() => [])
  await Promise.all(names.map((name) => giveTo({ kind, uid, gid }, join(path, name))))
}
