import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A profile that is a company; the mark stays with it, also when it is merged away. */
export interface CompanyRow {
  workspaceId: number
  profileId: number
  markedAt: Instant
}

/** To which company a profile belongs, and since when; stays with the profile that it was said of. */
export interface CompanyRelationRow {
  workspaceId: number
  profileId: number
  /** The company's profile id as it was named; merges since are followed by who reads it. */
  companyId: number
  at: Instant
  /** The dialect that said so. */
  source: string
}

const insertMarks = prepared(
  'company-mark',
  `insert into company (workspace_id, profile_id, marked_at)
   select w, p, a from json_to_recordset($1::json) as r(w integer, p bigint, a timestamptz)
   on conflict do nothing`,
)

/** Marks profiles as companies; one that is marked already stays as it is. */
export async function saveCompanies(db: Queryable, rows: readonly CompanyRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) => ({ w: row.workspaceId, p: row.profileId, a: toRfc3339(row.markedAt) }))
  await insertMarks(db, [asRows(values)])
}

// Primary keys of both tables; a mark on a profile that was merged away is one on the living profile.
const findLiving = prepared<{ workspace_id: number; profile_id: number }>(
  'company-find',
  `select k.w as workspace_id, k.p as profile_id from json_to_recordset($1::json) as k(w integer, p bigint)
    where exists (
      select from company c
       where c.workspace_id = k.w and (c.profile_id = k.p or c.profile_id in (
         select m.from_id from profile_merge m where m.workspace_id = k.w and m.to_id =
           coalesce((select o.to_id from profile_merge o where o.workspace_id = k.w and o.from_id = k.p), k.p))))`,
)

/** Those of the profiles that are companies, directly or by a profile that was merged with them. */
export async function findCompanies(
  db: Queryable,
  keys: readonly { workspaceId: number; profileId: number }[],
): Promise<{ workspaceId: number; profileId: number }[]> {
  const wanted = keys.map(({ workspaceId: w, profileId: p }) => ({ w, p }))
  const rows = await findLiving(db, [asRows(wanted)])
  return rows.map((row) => ({ workspaceId: row.workspace_id, profileId: row.profile_id }))
}

const upsertRelations = prepared(
  'company-relation-save',
  `insert into company_relation (workspace_id, profile_id, company_id, at, source)
   select w, p, c, a, s
     from json_to_recordset($1::json) as r(w integer, p bigint, c bigint, a timestamptz, s text)
   on conflict (workspace_id, profile_id) do update
      set company_id = excluded.company_id, at = excluded.at, source = excluded.source
    where company_relation.at <= excluded.at`,
)

/** Stores relations, at most one a profile; an older word does not take the place of a newer one. */
export async function saveCompanyRelations(
  db: Queryable,
  rows: readonly CompanyRelationRow[],
): Promise<void> {
  if (rows.length === 0) return
  const sorted = rows.toSorted((a, b) => a.workspaceId - b.workspaceId || a.profileId - b.profileId)
  const values = sorted.map((row) => ({
    w: row.workspaceId,
    p: row.profileId,
    c: row.companyId,
    a: toRfc3339(row.at),
    s: row.source,
  }))
  await upsertRelations(db, [asRows(values)])
}

const findNewest = prepared<{ profile_id: number; company_id: number; at: Date; source: string }>(
  'company-relation-find',
  `select r.profile_id, coalesce(m.to_id, r.company_id) as company_id, r.at, r.source
     from company_relation r
     left join profile_merge m on m.workspace_id = r.workspace_id and m.from_id = r.company_id
    where r.workspace_id = $1 and r.profile_id = any($2::bigint[])
    order by r.at desc limit 1`,
)

/** To which living company a person belongs: the newest word of its profiles. */
export async function findCompanyRelation(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<CompanyRelationRow | undefined> {
  const [row] = await findNewest(db, [workspaceId, profileIds])
  return (
    row && {
      workspaceId,
      profileId: row.profile_id,
      companyId: row.company_id,
      at: row.at.getTime(),
      source: row.source,
    }
  )
}

const deleteOfProfiles = prepared<{ profile_id: number }>(
  'company-relation-delete',
  'delete from company_relation where workspace_id = $1 and profile_id = any($2::bigint[]) returning profile_id',
)

/** Ends the relation of a person. @returns whether there was one */
export async function deleteCompanyRelation(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<boolean> {
  return (await deleteOfProfiles(db, [workspaceId, profileIds])).length > 0
}

// Index company_relation_company; index profile_merge_to.
const findPeople = prepared<{ profile_id: number }>(
  'company-people',
  `select distinct r.profile_id from company_relation r
    where r.workspace_id = $1 and r.company_id in (
      select id from unnest($2::bigint[]) as ids(id)
      union all select from_id from profile_merge where workspace_id = $1 and to_id = any($2::bigint[]))`,
)

/** Who ever belonged to one of these profiles, or to one that was merged into it. */
export async function findPeopleOf(
  db: Queryable,
  workspaceId: number,
  companyIds: readonly number[],
): Promise<number[]> {
  if (companyIds.length === 0) return []
  return (await findPeople(db, [workspaceId, companyIds])).map((row) => row.profile_id)
}
