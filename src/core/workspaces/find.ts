import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findWorkspaceById, findWorkspaces } from '../../storage/workspaces.ts'

/** The living workspace with this name or guid. @throws CDP_WORKSPACE_NOT_FOUND */
export async function findWorkspace(db: Database, nameOrGuid: string): Promise<Workspace> {
  const workspaces = await guarded(() => findWorkspaces(db.general))
  const found = workspaces.find(({ name, guid }) => name === nameOrGuid || guid === nameOrGuid.toLowerCase())
  if (!found) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
  return found
}

/** The living workspace with this id. @throws CDP_WORKSPACE_NOT_FOUND */
export async function getWorkspace(db: Database, workspaceId: number): Promise<Workspace> {
  const found = await guarded(() => findWorkspaceById(db.general, workspaceId))
  if (!found) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
  return found
}
