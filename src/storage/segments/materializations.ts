import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Population } from '../../model/population.ts'
import { prepared } from '../db.ts'
import type { Queryable, Transaction } from '../db.ts'
import { compilePopulation } from './populations.ts'

/** Which copy. */
export interface MaterializationKey {
  workspaceId: number
  /** Below 2^53, never used twice. */
  materializationId: number
}

/** A copy of who belonged to a segment at one instant. */
export interface MaterializationRow extends MaterializationKey {
  segmentId: string
  createdAt: Instant
  /** The e-mail of a user, or the label of an api key. */
  createdBy: string
  expiresAt: Instant
}

/**
 * Copies the living profiles of a population, the newest first.
 * @returns how many there are
 */
export async function insertMaterialization(
  tx: Transaction,
  row: MaterializationRow,
  population: Population,
): Promise<number> {
  // A population may be most of a workspace: to walk an index for each profile of it would take longer than to read all.
  await tx.query("select set_config('enable_seqscan', 'on', true)")
  const { text, values } = compilePopulation(row.workspaceId, population)
  const place = (value: unknown): string => `$${values.push(value)}`
  const id = `${place(row.materializationId)}::bigint`
  const segment = `${place(row.segmentId)}::uuid`
  const [createdAt, expiresAt] = [row.createdAt, row.expiresAt].map(
    (at) => `${place(toRfc3339(at))}::timestamptz`,
  )
  const { rows } = await tx.query<{ members: number }>(
    `with copied as (
       insert into materialization_member (workspace_id, materialization_id, profile_id, position)
       select $1::integer, ${id}, p.profile_id, row_number() over (order by p.profile_id desc) - 1
         from (${text}) belongs join profile p on p.workspace_id = $1::integer and p.profile_id = belongs.profile_id
       returning 1)
     insert into materialization
       (workspace_id, materialization_id, segment_id, members, created_at, created_by, expires_at)
     select $1::integer, ${id}, ${segment}, count(*), ${createdAt}, ${place(row.createdBy)}::text, ${expiresAt} from copied
     returning members`,
    values,
  )
  return rows[0]?.members ?? 0
}

// Primary key.
const findOne = prepared<{ members: number }>(
  'materialization-find',
  `select members from materialization
    where workspace_id = $1 and materialization_id = $2 and expires_at > $3::timestamptz`,
)

/** Whether there is such a copy that is not over at an instant. */
export async function hasMaterialization(
  db: Queryable,
  { workspaceId, materializationId }: MaterializationKey,
  at: Instant,
): Promise<boolean> {
  return (await findOne(db, [workspaceId, materializationId, toRfc3339(at)])).length > 0
}

// Index materialization_member_list; of who was merged away since profile_merge's keys, and then the primary key.
const findPage = prepared<{ profile_id: number }>(
  'materialization-page',
  `select coalesce(m.to_id, c.profile_id) as profile_id
     from materialization_member c
     left join profile_merge m on m.workspace_id = c.workspace_id and m.from_id = c.profile_id
    where c.workspace_id = $1 and c.materialization_id = $2 and c.position >= $3::bigint and c.position < $4::bigint
      and (m.to_id is null or not exists (
        select from (select m.to_id as id union all
                     select o.from_id from profile_merge o where o.workspace_id = $1 and o.to_id = m.to_id) kin
          join materialization_member k on k.workspace_id = $1 and k.profile_id = kin.id and k.materialization_id = $2
         where k.profile_id = m.to_id or k.position < c.position))
    order by c.position`,
)

/**
 * The people of a part of a copy, by the profiles that they have by now, each once in the whole copy.
 * @param page places as they were copied: whoever is deleted since leaves a gap
 */
export async function findMaterialized(
  db: Queryable,
  { workspaceId, materializationId }: MaterializationKey,
  { offset, limit }: { offset: number; limit: number },
): Promise<number[]> {
  const rows = await findPage(db, [workspaceId, materializationId, offset, offset + limit])
  return rows.map((row) => row.profile_id)
}

// Index materialization_expiry, then materialization_member_list.
const deleteSome = prepared<{ deleted: number }>(
  'materialization-members-expire',
  `with doomed as (
     select c.workspace_id, c.profile_id, c.materialization_id
       from materialization t
       join materialization_member c on c.workspace_id = t.workspace_id and c.materialization_id = t.materialization_id
      where t.expires_at <= $1::timestamptz limit $2),
   gone as (
     delete from materialization_member c using doomed d
      where c.workspace_id = d.workspace_id and c.profile_id = d.profile_id
        and c.materialization_id = d.materialization_id returning 1)
   select count(*) as deleted from gone`,
)

const deleteEmpty = prepared(
  'materialization-expire',
  `delete from materialization t
    where t.expires_at <= $1::timestamptz
      and not exists (select from materialization_member c
                       where c.workspace_id = t.workspace_id and c.materialization_id = t.materialization_id)`,
)

/** Deletes some of what is over at an instant, of every workspace. @returns whether there may be more */
export async function expireMaterializations(db: Queryable, at: Instant, limit: number): Promise<boolean> {
  const [row] = await deleteSome(db, [toRfc3339(at), limit])
  if ((row?.deleted ?? 0) === limit) return true
  await deleteEmpty(db, [toRfc3339(at)])
  return false
}
