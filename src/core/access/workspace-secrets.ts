import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { deleteSecret, findSecret, findSecretNames, saveSecret } from '../../storage/workspace-secrets.ts'
import type { SecretName } from '../../storage/workspace-secrets.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { seal, unseal } from './sealing.ts'

/** Names of the secrets that a workspace may hold: what its identity providers gave to its apps. */
const SECRET_NAMES = ['facebook', 'oauth'] as const

/** Secrets of workspaces that must be read back, sealed. They can be written and taken away, never shown. */
export interface WorkspaceSecrets {
  list(workspaceId: number): Promise<SecretName[]>
  /** Stores a secret, in place of the older one. @throws CDP_SECRET_NOT_FOUND it has a name that nothing reads */
  save(workspaceId: number, draft: { name: string; secret: string }, actor: Actor): Promise<void>
  /** @throws CDP_SECRET_NOT_FOUND */
  remove(workspaceId: number, name: string, actor: Actor): Promise<void>
}

/** Opens the secrets. */
export function openWorkspaceSecrets(db: Database, secretKey: Buffer): WorkspaceSecrets {
  return {
    list: (workspaceId) => guarded(() => findSecretNames(db.general, workspaceId)),
    save: async (workspaceId, { name, secret }, actor) => {
      requireName(name)
      const sealed = seal(Buffer.from(secret, 'utf8'), contextOf(workspaceId, name), secretKey)
      await act(db, actor, async (tx) => {
        await saveSecret(tx, { workspaceId, name, sealed }, now())
        await record(tx, { actor, workspaceId, action: 'secret.save', object: name })
        return true
      })
    },
    remove: async (workspaceId, name, actor) => {
      requireName(name)
      await act(db, actor, async (tx) => {
        if (!(await deleteSecret(tx, workspaceId, name))) throw new CdpError('CDP_SECRET_NOT_FOUND')
        await record(tx, { actor, workspaceId, action: 'secret.delete', object: name })
        return true
      })
    },
  }
}

/** Before the database is asked: a path may hold what no text of it can. */
function requireName(name: string): void {
  if (!SECRET_NAMES.some((known) => known === name)) throw new CdpError('CDP_SECRET_NOT_FOUND')
}

/** The secret of this name; undefined when there is none. @throws CDP_SECRET_KEY_WRONG */
export async function unsealSecret(
  db: Database,
  secretKey: Buffer,
  workspaceId: number,
  name: string,
): Promise<string | undefined> {
  const sealed = await guarded(() => findSecret(db.general, workspaceId, name))
  return sealed && unseal(sealed, contextOf(workspaceId, name), secretKey).toString('utf8')
}

/** A secret that was moved to another row opens nothing. */
function contextOf(workspaceId: number, name: string): string {
  return `workspace-secret|${workspaceId}|${name}`
}
