import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'

/** The living workspace with this name or guid. @throws CDP_WORKSPACE_NOT_FOUND */
export async function findWorkspace(db: Database, nameOrGuid: string): Promise<Workspace> {
  const workspaces = await guarded(() => findWorkspaces(db.general))
  const found = workspaces.find(({ name, guid }) => name === nameOrGuid || guid === nameOrGuid.toLowerCase())
  if (!found) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
  return found
}
