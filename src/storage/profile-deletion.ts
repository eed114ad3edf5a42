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

const deleteOwned = OWNED.map((table) => ({
  table,
  run: prepared<{ count: number }>(
    `profile-delete-${table}`,
    `with gone as (delete from ${table} where workspace_id = $1 and profile_id = any($2::bigint[]) returning 1)
     select count(*) as count from gone`,
  ),
}))

// Before the accounts that it finds them by.
const deleteIdentities = prepared<{ subject: string }>(
  'profile-delete-account-identity',
  `delete from account_identity i using account a
    where a.workspace_id = $1 and a.profile_id = any($2::bigint[])
      and i.workspace_id = a.workspace_id and i.account_id = a.account_id
   returning i.subject`,
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

const deleteMerges = prepared<{ from_id: number }>(
  'profile-delete-merges',
  'delete from profile_merge where workspace_id = $1 and to_id = $2 returning from_id',
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
  /** How many rows went, by table. */
  rows: Readonly<Record<string, number>>
}

/**
 * Deletes a living profile, which the transaction has locked, and everything that belongs to it or to those merged into it.
 * @param mergedIds the profiles that were merged into it
 */
export async function deleteProfile(
  tx: Transaction,
  workspaceId: number,
  profileId: number,
  mergedIds: readonly number[],
): Promise<Deleted> {
  await deleteProfileRow(tx, [workspaceId, profileId])
  const ids = [profileId, ...mergedIds]
  const deleted = await deleteRowsOf(tx, workspaceId, ids)
  const tagIds = deleted.tags.filter((row) => row.profile_id === profileId).map((row) => row.tag_id)
  const left = await deleteMembers(tx, [workspaceId, ids])
  const merges = await deleteMerges(tx, [workspaceId, profileId])
  const { events, transactions, members, rows } = deleted
  const counts = { ...rows, profile: 1 + mergedIds.length, profile_merge: merges.length }
  return { tagIds, events, transactions, members, leftIds: left.map((row) => row.profile_id), rows: counts }
}

/** What {@link deleteRowsOf} took away. */
interface DeletedRows extends Pick<Deleted, 'events' | 'transactions' | 'members' | 'rows'> {
  tags: readonly { profile_id: number; tag_id: number }[]
}

/** Deletes everything that belongs to these profiles, beside their own rows and their merges. */
export async function deleteRowsOf(
  tx: Transaction,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<DeletedRows> {
  const key = [workspaceId, profileIds]
  const rows: Record<string, number> = { account_identity: (await deleteIdentities(tx, key)).length }
  for (const { table, run } of deleteOwned) rows[table] = (await run(tx, key))[0]?.count ?? 0
  const tags = await deleteTags(tx, key)
  const memberships = await deleteMemberships(tx, key)
  const events = await deleteEvents(tx, key)
  const transactions = await deleteTransactions(tx, key)
  rows['tag_assignment'] = tags.length
  rows['segment_member'] = memberships.length
  rows['event'] = sumOf(events)
  rows['transaction'] = sumOf(transactions)
  return { tags, events, transactions, members: countMemberships(memberships), rows }
}

function sumOf(rows: readonly { count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0)
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
