/** Companies: profiles that others belong to. They are written by ingest; here they are read and relations end. */
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { now } from '../../lib/time.ts'
import { insertBatch } from '../../storage/batches.ts'
import { deleteCompanyRelation, findCompanies, findCompanyRelation } from '../../storage/companies.ts'
import type { CompanyRelationRow } from '../../storage/companies.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { openOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'
import type { Profiles } from '../profiles/index.ts'

/** What can be asked about companies. Every call is inside one workspace, and follows merges. */
export interface Companies {
  /** Whether a profile is a company. @throws CDP_PROFILE_NOT_FOUND */
  isCompany(workspace: Workspace, profileId: number): Promise<boolean>
  /** To which company a person belongs, by the newest word; undefined for none. @throws CDP_PROFILE_NOT_FOUND */
  relationOf(workspace: Workspace, profileId: number): Promise<CompanyRelationRow | undefined>
  /** Ends the relation of a person. @throws CDP_PROFILE_NOT_FOUND; CDP_COMPANY_NOT_FOUND it belongs to none */
  leave(workspace: Workspace, profileId: number, once?: OnceRequest): Promise<void>
}

/** Opens companies over a database. */
export function openCompanies(db: Database, secretKey: Buffer, profiles: Profiles): Companies {
  const once = openOnce(db, secretKey)
  return {
    isCompany: async (workspace, profileId) => {
      const [livingId = profileId] = await profiles.idsOf(workspace, profileId)
      const key = { workspaceId: workspace.id, profileId: livingId }
      return (await guarded(() => findCompanies(db.general, [key]))).length > 0
    },
    relationOf: async (workspace, profileId) => {
      const ids = await profiles.idsOf(workspace, profileId)
      return guarded(() => findCompanyRelation(db.general, workspace.id, ids))
    },
    leave: async (workspace, profileId, request) => {
      const ids = await profiles.idsOf(workspace, profileId)
      await once(request)(async (tx) => {
        if (!(await deleteCompanyRelation(tx, workspace.id, ids))) throw new CdpError('CDP_COMPANY_NOT_FOUND')
        const counts = { profiles: 0, byDialect: {}, namesByDialect: {}, reshaped: ids }
        await insertBatch(tx, [{ workspaceId: workspace.id, at: now(), profiles: [], counts, items: [] }])
        return true
      })
    },
  }
}
