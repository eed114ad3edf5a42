import { findCompanies } from '../../storage/companies.ts'
import type { CompanyRelationRow, CompanyRow } from '../../storage/companies.ts'
import type { Queryable } from '../../storage/db.ts'
import type { ProfileState } from '../identity/index.ts'
import type { PreparedCommand } from './prepared.ts'

/** Those of the profiles that commands name or mark which are companies; by {@link companyKey}. */
export type CompanyView = ReadonlySet<string>

/** Key of a profile that may be a company, among all workspaces. */
export function companyKey(workspaceId: number, profileId: number): string {
  return `${workspaceId}|${profileId}`
}

/** What a flush decides about companies. */
export interface CompanyOutput {
  companies: CompanyRow[]
  relations: CompanyRelationRow[]
}

/**
 * Reads which of the named profiles are companies; most flushes name none.
 * @param profiles those that commands may mark: a mark that is there is none that changes something
 */
export async function loadCompanies(
  db: Queryable,
  commands: readonly PreparedCommand[],
  profiles: ReadonlyMap<string, ProfileState>,
): Promise<CompanyView> {
  const named = commands.flatMap(({ unit, command: { companyId: profileId } }) =>
    profileId === undefined ? [] : [{ workspaceId: unit.workspace.id, profileId }],
  )
  const marked = commands.some(({ command }) => command.isCompany)
    ? [...profiles.values()].map(({ workspaceId, id: profileId }) => ({ workspaceId, profileId }))
    : []
  const keys = [...named, ...marked]
  const found = keys.length === 0 ? [] : await findCompanies(db, keys)
  return new Set(found.map(({ workspaceId, profileId }) => companyKey(workspaceId, profileId)))
}

/** The last word about each profile: a statement takes each only once. */
export function lastRelations(rows: readonly CompanyRelationRow[]): CompanyRelationRow[] {
  const last = new Map<string, CompanyRelationRow>()
  for (const row of rows) {
    const key = companyKey(row.workspaceId, row.profileId)
    const before = last.get(key)
    if (!before || before.at <= row.at) last.set(key, row)
  }
  return [...last.values()]
}
