import { prepared } from './db.ts'
import type { Transaction } from './db.ts'

const deleteProfileRow = prepared<{ profile_id: number }>(
  'profile-delete-row',
  'delete from profile where workspace_id = $1 and profile_id = $2 returning profile_id',
)

/** Everything that belongs to a profile, beside its events and its row; each is deleted by key or by index. */
const OWNED = [
  'profile_activity',
  'profile_change',
  'profile_search',
  'consent',
  'note',
  'device',
  'company',
  'company_relation',
  'segment_expiry',
  'materialization_member',
  'identifier',
  'session',
  'account',
] as const

const deleteOwned = OWNED.map((table) =>
  prepared(
    `profile-delete-${table}`,
    `delete from ${table} where workspace_id = $1 and profile_id = any($2::bigint[])`,
  ),
)

// Before the accounts that it finds them by.
const deleteIdentities = prepared(
  'profile-delete-account-identity',
  `delete from account_identity i using account a
    where a.workspace_id = $1 and a.profile_id = any($2::bigint[])
      and i.workspace_id = a.workspace_id and i.account_id = a.account_id`,
)

const deleteTags = prepared<{ profile_id: number; tag_id: number }>(
  'profile-delete-tag-assignment',
  `delete from tag_assignment where workspace_id = $1 and profile_id = any($2::bigint[])
   returning profile_id, tag_id`,
)

const deleteEvents = prepared<{ source: string; count: number }>(
  'profile-delete-events',
  `with gone as (delete from event where workspace_id = $1 and profile_id = any($2::bigint[]) returning source)
   select source, count(*) as count from gone group by source`,
)

const deleteTransactions = prepared<{ source: string; count: number }>(
  'profile-delete-transactions',
  `with gone as (delete from transaction where workspace_id = $1 and profile_id = any($2::bigint[]) returning source)
   select source, count(*) as count from gone group by source`,
)

// Index company_relation_company: whoever belonged to a company that goes belongs to none.
const deleteMembers = prepared<{ profile_id: number }>(
  'profile-delete-company-members',
  'delete from company_relation where workspace_id = $1 and company_id = any($2::bigint[]) returning profile_id',
)

const deleteMemberships = prepared<{ segment_id: string; generation: number }>(
  'profile-delete-segment-member',
  `delete from segment_member where workspace_id = $1 and profile_id = any($2::bigint[])
   returning segment_id, generation`,
)

const deleteMerges = prepared(
  'profile-delete-merges',
  'delete from profile_merge where workspace_id = $1 and to_id = $2',
)

/** How many rows of each dialect went, and which tags the profile had. */
export interface Deleted {
  tagIds: readonly number[]
  events: readonly { source: string; count: number }[]
  transactions: readonly { source: string; count: number }[]
  /** See `BatchCounts`. */
  members: Record<string, number>
  /** Profiles that belonged to a company that went. */
  leftIds: readonly number[]
}

/**
 * Deletes a living profile and everything that belongs to it or to those merged into it.
 * @param mergedIds the profiles that were merged into it
 * @returns undefined when there is no such profile
 */
export async function deleteProfile(
  tx: Transaction,
  workspaceId: number,
  profileId: number,
  mergedIds: readonly number[],
): Promise<Deleted | undefined> {
  const rows = await deleteProfileRow(tx, [workspaceId, profileId])
  if (rows.length === 0) return undefined
  const ids = [profileId, ...mergedIds]
  await deleteIdentities(tx, [workspaceId, ids])
  for (const remove of deleteOwned) await remove(tx, [workspaceId, ids])
  const tags = await deleteTags(tx, [workspaceId, ids])
  const tagIds = tags.filter((row) => row.profile_id === profileId).map((row) => row.tag_id)
  const left = await deleteMembers(tx, [workspaceId, ids])
  const memberships = await deleteMemberships(tx, [workspaceId, ids])
  const events = await deleteEvents(tx, [workspaceId, ids])
  const transactions = await deleteTransactions(tx, [workspaceId, ids])
  await deleteMerges(tx, [workspaceId, profileId])
  const members = countMemberships(memberships)
  return { tagIds, events, transactions, members, leftIds: left.map((row) => row.profile_id) }
}

function countMemberships(
  rows: readonly { segment_id: string; generation: number }[],
): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) {
    const key = `${row.segment_id}/${row.generation}`
    counts[key] = (counts[key] ?? 0) - 1
  }
  return counts
}
