import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { deleteSecret, findSecret, findSecretNames, saveSecret } from '../../storage/workspace-secrets.ts'
import type { SecretName } from '../../storage/workspace-secrets.ts'
import { seal, unseal } from './sealing.ts'

/** Names of the secrets that a workspace may hold: what its identity providers gave to its apps. */
export const SECRET_NAMES = ['facebook'] as const

/** Secrets of workspaces that must be read back, sealed. They can be written and taken away, never shown. */
export interface WorkspaceSecrets {
  list(workspaceId: number): Promise<SecretName[]>
  save(workspaceId: number, name: string, secret: string): Promise<void>
  /** @throws CDP_SECRET_NOT_FOUND */
  remove(workspaceId: number, name: string): Promise<void>
}

/** Opens the secrets. */
export function openWorkspaceSecrets(db: Database, secretKey: Buffer): WorkspaceSecrets {
  return {
    list: (workspaceId) => guarded(() => findSecretNames(db.general, workspaceId)),
    save: (workspaceId, name, secret) => {
      const sealed = seal(Buffer.from(secret, 'utf8'), contextOf(workspaceId, name), secretKey)
      return guarded(() => saveSecret(db.general, { workspaceId, name, sealed }, now()))
    },
    remove: async (workspaceId, name) => {
      if (!(await guarded(() => deleteSecret(db.general, workspaceId, name))))
        throw new CdpError('CDP_SECRET_NOT_FOUND')
    },
  }
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
