import type { Work } from '../flush.ts'
import { profileOf, reject } from '../flush.ts'
import { companyKey } from '../companies.ts'

/** Marks the profile as a company, or notes to which company it belongs since the command's event happened. */
export function applyCompany(work: Work): void {
  const { command, unit } = work.prepared
  if (command.isCompany) markCompany(work)
  const { companyId } = command
  if (companyId === undefined) return
  const { id: profileId, workspaceId } = profileOf(work)
  if (!work.flush.companies.has(companyKey(workspaceId, companyId)) || companyId === profileId) {
    reject(work, 'company_unknown', command.pointer)
    return
  }
  const at = command.event?.occurredAt ?? unit.receivedAt
  work.flush.out.relations.push({ workspaceId, profileId, companyId, at, source: unit.dialect })
}

function markCompany(work: Work): void {
  const { unit } = work.prepared
  const { id: profileId, workspaceId } = profileOf(work)
  if (work.flush.companies.has(companyKey(workspaceId, profileId))) return
  work.flush.out.companies.push({ workspaceId, profileId, markedAt: unit.receivedAt })
  work.diff['isCompany'] = [null, true]
}
