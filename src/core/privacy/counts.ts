/** How a receipt names what went, by table; tables that are not in here only repeat what others hold. */
const KINDS: Readonly<Record<string, string>> = {
  profile: 'profiles',
  identifier: 'identifiers',
  event: 'events',
  transaction: 'transactions',
  consent: 'consents',
  device: 'devices',
  note: 'notes',
  tag_assignment: 'tags',
  segment_member: 'segments',
  profile_change: 'changes',
  profile_merge: 'merges',
  company: 'companies',
  company_relation: 'companyRelations',
  account: 'accounts',
  account_identity: 'accountIdentities',
  session: 'sessions',
  message: 'messages',
  one_time_code: 'codes',
}

/** Counts by kind of rows that were counted by table. */
export function countsOf(rows: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(KINDS).map(([table, kind]) => [kind, rows[table] ?? 0] as const)
  return Object.fromEntries(entries)
}

/** Sums of counts, kind by kind. */
export function addCounts(
  counts: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...counts }
  for (const [kind, count] of Object.entries(more)) sums[kind] = (sums[kind] ?? 0) + count
  return sums
}
