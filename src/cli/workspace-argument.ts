import { findWorkspace } from '../core/workspaces/index.ts'
import { CdpError } from '../model/errors.ts'
import type { Workspace } from '../model/workspace.ts'
import type { Database } from '../storage/db.ts'
import { usage } from './command-line.ts'

/** The living workspace that an argument names. @throws CommanderError there is none */
export async function findNamedWorkspace(db: Database, nameOrGuid: string): Promise<Workspace> {
  try {
    return await findWorkspace(db, nameOrGuid)
  } catch (error) {
    if (!(error instanceof CdpError) || error.code !== 'CDP_WORKSPACE_NOT_FOUND') throw error
    throw usage(`there is no workspace "${nameOrGuid}"`)
  }
}
