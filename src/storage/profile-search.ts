import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** What a profile is found and sorted by: texts in lower case, null where it has none. */
export interface SearchRow {
  workspaceId: number
  profileId: number
  createdAt: Instant
  firstName: string | null
  lastName: string | null
  email: string | null
  phone: string | null
  city: string | null
  searchText: string
}

const upsert = prepared(
  'profile-search-save',
  `insert into profile_search (workspace_id, profile_id, created_at, first_name, last_name, email, phone, city, search_text)
   select w, p, c, f, l, e, h, t, s
     from json_to_recordset($1::json)
       as r(w integer, p bigint, c timestamptz, f text, l text, e text, h text, t text, s text)
   on conflict (workspace_id, profile_id) do update
      set first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
          phone = excluded.phone, city = excluded.city, search_text = excluded.search_text
    where (profile_search.first_name, profile_search.last_name, profile_search.email, profile_search.phone,
           profile_search.city, profile_search.search_text)
          is distinct from (excluded.first_name, excluded.last_name, excluded.email, excluded.phone,
                            excluded.city, excluded.search_text)`,
)

/** Stores what profiles are found by; one that did not change is not written. */
export async function saveSearch(db: Queryable, rows: readonly SearchRow[]): Promise<void> {
  if (rows.length === 0) return
  const sorted = rows.toSorted((a, b) => a.workspaceId - b.workspaceId || a.profileId - b.profileId)
  const values = sorted.map((row) => ({
    w: row.workspaceId,
    p: row.profileId,
    c: toRfc3339(row.createdAt),
    f: row.firstName,
    l: row.lastName,
    e: row.email,
    h: row.phone,
    t: row.city,
    s: row.searchText,
  }))
  await upsert(db, [asRows(values)])
}

const remove = prepared(
  'profile-search-delete',
  `delete from profile_search s using json_to_recordset($1::json) as r(w integer, p bigint)
    where s.workspace_id = r.w and s.profile_id = r.p`,
)

/** Takes profiles out of all lists. */
export async function deleteSearch(
  db: Queryable,
  keys: readonly { workspaceId: number; profileId: number }[],
): Promise<void> {
  if (keys.length === 0) return
  await remove(db, [asRows(keys.map(({ workspaceId: w, profileId: p }) => ({ w, p })))])
}

/** What a list of profiles can be sorted by, and the expression behind it. */
const SORTS = {
  createdAt: 's.created_at',
  lastActivityAt: 'a.last_activity_at',
  firstName: 's.first_name',
  lastName: 's.last_name',
  email: 's.email',
  phone: 's.phone',
  city: 's.city',
} as const

/** One of the names that a list can be sorted by. */
export type ProfileSort = keyof typeof SORTS

const FILTERS = {
  firstName: 's.first_name',
  lastName: 's.last_name',
  email: 's.email',
  phone: 's.phone',
  city: 's.city',
} as const

/** Every name that a list can be sorted by. */
export const PROFILE_SORTS = Object.keys(SORTS) as readonly ProfileSort[]

/** A text that a list can be filtered by. */
export type ProfileFilter = keyof typeof FILTERS

/** Which profiles, in which order, which part of them. Texts in lower case. */
export interface SearchQuery {
  workspaceId: number
  /** Text that occurs anywhere in names, e-mail, phone or company. */
  search: string | undefined
  equals: Readonly<Partial<Record<ProfileFilter, string>>>
  hasEmail: boolean | undefined
  sort: { by: ProfileSort; order: 'asc' | 'desc' }
  /** The last profile that was given. */
  after: SearchPlace | undefined
  offset: number
  limit: number
}

/** A place in a list: the sort value as text, null where a profile has none, and the id. */
export interface SearchPlace {
  value: string | null
  profileId: number
}

/**
 * Ids of profiles, sorted; those without the sort value come last in both orders, equal ones by id. The statement is put
 * together from the fragments above, so that the planner sees only the conditions that are asked for; values are
 * parameters.
 */
export async function findProfileIds(db: Queryable, query: SearchQuery): Promise<SearchPlace[]> {
  const values: unknown[] = [query.workspaceId]
  const parameter = (value: unknown): string => `$${values.push(value)}`
  const { by, order } = query.sort
  const expression = SORTS[by]
  const conditions = ['s.workspace_id = $1', ...conditionsOf(query, parameter), ...placeOf(query, parameter)]
  const result = await db.query<{ value: string | null; profile_id: number }>({
    text: `select ${expression}::text as value, s.profile_id from profile_search s
             left join profile_activity a on a.workspace_id = s.workspace_id and a.profile_id = s.profile_id
            where ${conditions.join(' and ')}
            order by ${expression} is null, ${expression} ${order}, s.profile_id ${order}
            limit ${parameter(query.limit)} offset ${parameter(query.offset)}`,
    values,
  })
  return result.rows.map((row) => ({ value: row.value, profileId: row.profile_id }))
}

function conditionsOf(query: SearchQuery, parameter: (value: unknown) => string): string[] {
  const conditions = Object.entries(query.equals).map(
    ([name, value]) => `${FILTERS[name as ProfileFilter]} = ${parameter(value)}`,
  )
  if (query.hasEmail !== undefined) conditions.push(`s.email is ${query.hasEmail ? 'not null' : 'null'}`)
  if (query.search !== undefined) {
    const pattern = `%${query.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    conditions.push(`s.search_text like ${parameter(pattern)}`)
  }
  return conditions
}

function placeOf({ after, sort }: SearchQuery, parameter: (value: unknown) => string): string[] {
  if (!after) return []
  const beyond = sort.order === 'asc' ? '>' : '<'
  const expression = SORTS[sort.by]
  const id = `s.profile_id ${beyond} ${parameter(after.profileId)}::bigint`
  if (after.value === null) return [`${expression} is null and ${id}`]
  const type = sort.by === 'createdAt' || sort.by === 'lastActivityAt' ? 'timestamptz' : 'text'
  const value = `${parameter(after.value)}::${type}`
  return [
    `(${expression} ${beyond} ${value} or ${expression} is null or (${expression} = ${value} and ${id}))`,
  ]
}
