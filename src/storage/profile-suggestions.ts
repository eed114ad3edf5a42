import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Attributes that suggestions come from by index, and their columns. */
const COLUMNS = {
  firstName: 'first_name',
  lastName: 'last_name',
  email: 'email',
  phone: 'phone',
  city: 'city',
  company: 'company',
} as const

type SuggestedAttribute = keyof typeof COLUMNS

/** Different values that are looked at: enough to find the best of them, few enough to be quick for one letter. */
const VALUES_MAX = 500

/** Profiles whose attributes are looked at where no index helps. */
const PROFILES_MAX = 10_000

// One step of the index a value (a loose index scan), however many profiles share it. The spelling is that of one of them.
const byColumn = (Object.entries(COLUMNS) as [SuggestedAttribute, string][]).map(
  ([attribute, column]) =>
    [
      attribute,
      prepared<{ text: string }>(
        `profile-suggest-${attribute}`,
        `with recursive step as (
           (select ${column} as value, profile_id from profile_search
             where workspace_id = $1 and ${column} >= $2 and ${column} < $3
             order by ${column}, profile_id limit 1)
           union all
           select next.value, next.profile_id from step cross join lateral (
             select ${column} as value, profile_id from profile_search
              where workspace_id = $1 and ${column} > step.value and ${column} < $3
              order by ${column}, profile_id limit 1) next)
         select coalesce(p.attributes ->> '${attribute}', v.value) as text
           from (select value, profile_id from (select * from step limit ${VALUES_MAX}) part
                  order by similarity(value, $2) desc, value limit $4) v
           left join profile p on p.workspace_id = $1 and p.profile_id = v.profile_id
          order by similarity(v.value, $2) desc, v.value`,
      ),
    ] as const,
)

const FINDERS = new Map(byColumn)

const byAttribute = prepared<{ text: string }>(
  'profile-suggest-attribute',
  `select text from (
     select attributes ->> $2 as text from profile p join (
       select profile_id from profile_search where workspace_id = $1
        order by created_at desc, profile_id desc limit ${PROFILES_MAX}) newest using (profile_id)
      where p.workspace_id = $1) texts
    where left(lower(text), length($3)) = $3
    group by text order by similarity(text, $3) desc, text limit $4`,
)

/** What suggestions are asked for. `prefix` in lower case and not empty. */
export interface SuggestionQuery {
  workspaceId: number
  attribute: string
  prefix: string
  limit: number
}

/**
 * Values of an attribute that begin with a prefix, the likest first. Of an attribute without an index only the newest
 * 10,000 profiles are looked at.
 */
export async function suggestValues(
  db: Queryable,
  { workspaceId, attribute, prefix, limit }: SuggestionQuery,
): Promise<string[]> {
  const find = FINDERS.get(attribute as SuggestedAttribute)
  const rows = find
    ? await find(db, [workspaceId, prefix, `${prefix}\u{10FFFF}`, limit])
    : await byAttribute(db, [workspaceId, attribute, prefix, limit])
  return rows.map(({ text }) => text)
}
