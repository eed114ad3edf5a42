import { sha256 } from '../../lib/ids.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller, KeyScope } from '../../model/workspace.ts'
import { findApiKey, findApiKeyById } from '../../storage/api-keys.ts'
import type { ApiKeyRow } from '../../storage/api-keys.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'
import type { KeyUses } from './key-uses.ts'

/** Checks credentials of requests. */
export interface Credentials {
  /**
   * Who holds this secret.
   * @throws CDP_KEY_MISSING none was given; CDP_KEY_UNKNOWN nobody, or a key of another scope
   */
  authenticate(secret: string | undefined, scope: KeyScope): Promise<Caller>
  /** Who holds the api key with this id; undefined when it is revoked or unknown. */
  callerOf(workspaceId: number, apiKeyId: number): Promise<Caller | undefined>
  /** Web origins that any workspace allows. */
  allowedOrigins(): Promise<ReadonlySet<string>>
  /** Forgets what is remembered, after credentials or settings changed. */
  forget(): void
}

/**
 * How long a found key is remembered: a key that was revoked by another process opens no longer than this.
 * Unknown keys are not remembered, so that guesses cannot fill memory.
 */
const REMEMBERED_MS = 2_000

const REMEMBERED_MAX = 10_000

/**
 * Opens the check. Secrets are compared by their SHA-256, so that no comparison depends on a secret's bytes.
 * @param uses is told of every key that opens something
 */
export function openCredentials(db: Database, uses?: KeyUses): Credentials {
  const remembered = new Map<string, { caller: Caller; untilMs: number }>()
  // Counts the calls of `forget`: what was read before one of them must not be remembered after it.
  let generation = 0
  const origins = openOrigins(db)
  const asked = new Map<string, Promise<Caller | undefined>>()
  const ask = (key: string, find: FindKey): Promise<Caller | undefined> => {
    const pending = asked.get(key) ?? findCaller(db, find).finally(() => asked.delete(key))
    asked.set(key, pending)
    return pending
  }
  const findRemembered = async (key: string, find: FindKey): Promise<Caller | undefined> => {
    const known = remembered.get(key)
    if (known && known.untilMs > performance.now()) return known.caller
    const askedIn = generation
    const caller = await ask(key, find)
    if (!caller || askedIn !== generation) return caller
    if (remembered.size >= REMEMBERED_MAX) remembered.clear()
    remembered.set(key, { caller, untilMs: performance.now() + REMEMBERED_MS })
    return caller
  }
  const authenticate = async (secret: string | undefined, scope: KeyScope): Promise<Caller> => {
    if (secret === undefined || secret === '') throw new CdpError('CDP_KEY_MISSING')
    const hash = sha256(secret)
    const caller = await findRemembered(hash.toString('latin1'), () => findApiKey(db.access, hash))
    if (caller === undefined || caller.scope !== scope) throw new CdpError('CDP_KEY_UNKNOWN')
    if (caller.keyId !== undefined) uses?.note(caller.workspace.id, caller.keyId)
    return caller
  }
  const callerOf = async (workspaceId: number, apiKeyId: number): Promise<Caller | undefined> => {
    const find: FindKey = () => findApiKeyById(db.access, workspaceId, apiKeyId)
    const caller = await findRemembered(`${workspaceId}|${apiKeyId}`, find)
    if (caller) uses?.note(workspaceId, apiKeyId)
    return caller
  }
  const forget = (): void => {
    generation++
    remembered.clear()
    asked.clear()
    origins.forget()
  }
  return { authenticate, callerOf, allowedOrigins: origins.allowed, forget }
}

function openOrigins(db: Database): { allowed: Credentials['allowedOrigins']; forget: () => void } {
  let generation = 0
  let known: { set: ReadonlySet<string>; untilMs: number } | undefined
  const allowed = async (): Promise<ReadonlySet<string>> => {
    if (known && known.untilMs > performance.now()) return known.set
    // A probe of the process that carries an Origin must be answered without the database, too.
    const askedIn = generation
    const workspaces = await findWorkspaces(db.access).catch(() => undefined)
    const found = workspaces?.flatMap(({ settings }) => settings.corsOrigins)
    const set = found ? new Set(found) : (known?.set ?? new Set<string>())
    if (askedIn === generation) known = { set, untilMs: performance.now() + REMEMBERED_MS }
    return set
  }
  const forget = (): void => {
    generation++
    known = undefined
  }
  return { allowed, forget }
}

type FindKey = () => Promise<ApiKeyRow | undefined>

async function findCaller(db: Database, find: FindKey): Promise<Caller | undefined> {
  return guarded(async () => {
    const key = await find()
    if (!key) return undefined
    const workspace = (await findWorkspaces(db.access)).find(({ id }) => id === key.workspaceId)
    if (!workspace) return undefined
    const label = `${key.scope}:${key.prefix}`
    return { workspace, scope: key.scope, permissions: key.permissions, keyId: key.apiKeyId, label }
  })
}
