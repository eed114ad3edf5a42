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
  company: string | null
  /** Everything that a search looks at, with a space before every word. */
  searchText: string
}

const upsert = prepared(
  'profile-search-save',
  `insert into profile_search (workspace_id, profile_id, created_at, first_name, last_name, email, phone, city,
     company, search_text)
   select w, p, c, f, l, e, h, t, o, s
     from json_to_recordset($1::json)
       as r(w integer, p bigint, c timestamptz, f text, l text, e text, h text, t text, o text, s text)
   on conflict (workspace_id, profile_id) do update
      set first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
          phone = excluded.phone, city = excluded.city, company = excluded.company,
          search_text = excluded.search_text
    where (profile_search.first_name, profile_search.last_name, profile_search.email, profile_search.phone,
           profile_search.city, profile_search.company, profile_search.search_text)
          is distinct from (excluded.first_name, excluded.last_name, excluded.email, excluded.phone,
                            excluded.city, excluded.company, excluded.search_text)`,
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
    o: row.company,
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

// Index profile_search_phone.
const newestByPhone = prepared<{ phone: string; profile_id: number }>(
  'profile-search-newest-by-phone',
  `select k.phone, n.profile_id from unnest($2::text[]) as k(phone)
     cross join lateral (
       select s.profile_id from profile_search s where s.workspace_id = $1 and s.phone = k.phone
        order by s.profile_id desc limit 1) n`,
)

/** The newest profile with each phone number. @param phones in normal form */
export async function findNewestByPhone(
  db: Queryable,
  workspaceId: number,
  phones: readonly string[],
): Promise<{ phone: string; profileId: number }[]> {
  if (phones.length === 0) return []
  const rows = await newestByPhone(db, [workspaceId, phones])
  return rows.map(({ phone, profile_id: profileId }) => ({ phone, profileId }))
}
