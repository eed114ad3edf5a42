import type { Population } from '../model/population.ts'
import type { Queryable } from './db.ts'
import { compilePopulation } from './segments/populations.ts'

/** What a list of profiles can be sorted by, and the expression behind it; each has an index with the id behind it. */
const SORTS = {
  createdAt: 's.created_at',
  lastActivityAt: 'a.last_activity_at',
  firstName: 's.first_name',
  lastName: 's.last_name',
  email: 's.email',
  phone: 's.phone',
  city: 's.city',
  company: 's.company',
} as const

/** One of the names that a list can be sorted by. */
export type ProfileSort = keyof typeof SORTS

/** Every name that a list can be sorted by. */
export const PROFILE_SORTS = Object.keys(SORTS) as readonly ProfileSort[]

const FILTERS = {
  firstName: 's.first_name',
  lastName: 's.last_name',
  email: 's.email',
  phone: 's.phone',
  city: 's.city',
  company: 's.company',
} as const

/** A text that a list can be filtered by. */
export type ProfileFilter = keyof typeof FILTERS

/** Which profiles. Texts in lower case. */
export interface ListFilter {
  workspaceId: number
  /** Text in names, e-mail, phone, company or custom attributes; of one or two letters the beginning of a word. */
  search: string | undefined
  /** Profiles that a search finds whatever their texts say: those who hold what was searched for. */
  foundIds: readonly number[]
  equals: Readonly<Partial<Record<ProfileFilter, string>>>
  /** A custom attribute with this text, in lower case. No index helps. */
  attribute: { name: string; value: string } | undefined
  hasEmail: boolean | undefined
  isCompany: boolean
  /** Members of a company, by every id that leads to it. */
  companyIds: readonly number[] | undefined
  /** Only who belongs to it. */
  population: Population | undefined
}

/** Which profiles, in which order, which part of them. */
export interface ListQuery extends ListFilter {
  sort: { by: ProfileSort; order: 'asc' | 'desc' }
  /** The last profile that was given. */
  after: ListPlace | undefined
  offset: number
  limit: number
}

/** A place in a list: the sort value as text, null where a profile has none, and the id. */
export interface ListPlace {
  value: string | null
  profileId: number
}

/**
 * Ids of profiles, sorted; those without the sort value come last in both orders, equal ones by id. They are read in two
 * parts, because an index can give either in order, but not both.
 */
export async function findProfileIds(db: Queryable, query: ListQuery): Promise<ListPlace[]> {
  const { limit, offset, after, sort } = query
  const present = after?.value === null ? [] : await findPart(db, query, true)
  if (present.length === limit || sort.by === 'createdAt') return present
  const isPassed = present.length > 0 || after !== undefined || offset === 0
  const passed = isPassed ? offset : await countPresent(db, query)
  const rest = { ...query, limit: limit - present.length, offset: Math.max(0, offset - passed) }
  return [...present, ...(await findPart(db, rest, false))]
}

/** The profiles with the sort value, or those without it. */
async function findPart(db: Queryable, query: ListQuery, hasValue: boolean): Promise<ListPlace[]> {
  const statement = new Statement(query)
  const view = viewOf(query, hasValue)
  const { order } = query.sort
  const sorted = hasValue ? `${view.value} ${order}, ${view.id} ${order}` : `s.profile_id ${order}`
  const conditions = [
    ...conditionsOf(query, statement),
    `${view.value} is ${hasValue ? 'not null' : 'null'}`,
    ...placeOf(query, view, statement),
  ]
  return statement.run<ListPlace>(
    db,
    `select ${hasValue ? `${view.value}::text` : 'null'} as value, s.profile_id as "profileId"
       from ${view.source}
      where ${conditions.join(' and ')}
      order by ${sorted}
      limit ${statement.parameter(query.limit)} offset ${statement.parameter(query.offset)}`,
  )
}

/** Where a part of a list is read from: `s` is the profile, `value` what it is sorted by, `id` the id as the sort's index has it. */
interface View {
  source: string
  value: string
  id: string
  hasValue: boolean
}

/** Only what is sorted by activity reads its table; a list of all that is reads nothing else. */
function viewOf(query: ListQuery, hasValue: boolean): View {
  const { by } = query.sort
  if (by !== 'lastActivityAt')
    return { source: 'profile_search s', value: SORTS[by], id: 's.profile_id', hasValue }
  if (hasValue && isOfAll(query))
    return { source: 'profile_activity s', value: 's.last_activity_at', id: 's.profile_id', hasValue }
  const source = `profile_search s ${hasValue ? '' : 'left '}join profile_activity a
            on a.workspace_id = s.workspace_id and a.profile_id = s.profile_id`
  return { source, value: SORTS[by], id: 'a.profile_id', hasValue }
}

function isOfAll({ population, ...filter }: ListFilter): boolean {
  return population === undefined && isUnfiltered(filter)
}

function isUnfiltered({
  search,
  equals,
  attribute,
  hasEmail,
  isCompany,
  companyIds,
}: Omit<ListFilter, 'population'>): boolean {
  const asked = [search, attribute, hasEmail, companyIds].some((part) => part !== undefined)
  return !asked && !isCompany && Object.keys(equals).length === 0
}

async function countPresent(db: Queryable, query: ListQuery): Promise<number> {
  const statement = new Statement(query)
  const { source, value } = viewOf(query, true)
  const conditions = [...conditionsOf(query, statement), `${value} is not null`]
  const [row] = await statement.run<{ count: number }>(
    db,
    `select count(*) as count from ${source} where ${conditions.join(' and ')}`,
  )
  return row?.count ?? 0
}

/**
 * How many profiles there are: exact up to `exactMax`, beyond that what the planner expects, and more than that at least. What a
 * segment that nobody keeps is computed for is counted exactly: to compute it takes longer than to count it.
 */
export async function countProfiles(db: Queryable, filter: ListFilter, exactMax: number): Promise<number> {
  const isComputed = filter.population?.source === 'computed'
  const exact = new Statement(filter)
  const conditions = conditionsOf(filter, exact).join(' and ')
  const [row] = await exact.run<{ count: number }>(
    db,
    `select count(*) as count from (select 1 from profile_search s where ${conditions}
       limit ${exact.parameter(isComputed ? null : exactMax + 1)}::bigint) part`,
  )
  const count = row?.count ?? 0
  return isComputed || count <= exactMax ? count : Math.max(count, await expectProfiles(db, filter))
}

/** How many the planner expects; of a kept segment never more than it has, and all of them where nothing else is asked. */
async function expectProfiles(db: Queryable, filter: ListFilter): Promise<number> {
  const { population } = filter
  const size = population?.source === 'kept' ? population.size : Number.POSITIVE_INFINITY
  if (population && isUnfiltered(filter)) return size
  const statement = new Statement(filter)
  const conditions = conditionsOf(filter, statement).join(' and ')
  const [plan] = await statement.run<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>(
    db,
    `explain (format json) select 1 from profile_search s where ${conditions}`,
  )
  return Math.min(size, plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0)
}

/** A statement that is put together of the fragments in this file, so that the planner sees only what is asked for. */
class Statement {
  /** Selects the ids of the population, where only that is asked for. */
  readonly population: string | undefined
  readonly #values: unknown[]

  constructor({ workspaceId, population }: ListFilter) {
    const compiled = population && compilePopulation(workspaceId, population)
    this.population = compiled?.text
    this.#values = compiled?.values ?? [workspaceId]
  }

  /** A value's place in the text. */
  parameter(value: unknown): string {
    return `$${this.#values.push(value)}`
  }

  /** Runs a text whose `$1` is the workspace. */
  async run<Row extends object>(db: Queryable, text: string): Promise<Row[]> {
    return (await db.query<Row>({ text, values: this.#values })).rows
  }
}

/** One or two letters have no trigram of their own, but with the space before their word they have one. */
const LETTERS_OF_TRIGRAM = 3

function conditionsOf(filter: ListFilter, statement: Statement): string[] {
  const conditions = ['s.workspace_id = $1']
  if (statement.population !== undefined) conditions.push(`s.profile_id in (${statement.population})`)
  for (const [name, value] of Object.entries(filter.equals))
    conditions.push(`${FILTERS[name as ProfileFilter]} = ${statement.parameter(value)}`)
  if (filter.hasEmail !== undefined) conditions.push(`s.email is ${filter.hasEmail ? 'not null' : 'null'}`)
  if (filter.search !== undefined) conditions.push(searchOf(filter.search, filter.foundIds, statement))
  if (filter.attribute) conditions.push(attributeOf(filter.attribute, statement))
  if (filter.isCompany) conditions.push(`s.profile_id in (${livingOf('company', '')})`)
  if (filter.companyIds) conditions.push(membersOf(filter.companyIds, statement))
  return conditions
}

function searchOf(search: string, foundIds: readonly number[], statement: Statement): string {
  const escaped = search.replaceAll(/[\\%_]/g, String.raw`\$&`)
  const pattern = search.length < LETTERS_OF_TRIGRAM ? `% ${escaped}%` : `%${escaped}%`
  const matches = `s.search_text like ${statement.parameter(pattern)}`
  if (foundIds.length === 0) return matches
  return `(${matches} or s.profile_id = any(${statement.parameter(foundIds)}::bigint[]))`
}

function attributeOf({ name, value }: { name: string; value: string }, statement: Statement): string {
  return `exists (select from profile p where p.workspace_id = s.workspace_id and p.profile_id = s.profile_id
                     and lower(p.attributes ->> ${statement.parameter(name)}) = ${statement.parameter(value)})`
}

/** The living profiles behind the rows of a table that stay with the profile they were written for. */
function livingOf(table: 'company' | 'company_relation', condition: string): string {
  return `select coalesce(m.to_id, t.profile_id) from ${table} t
            left join profile_merge m on m.workspace_id = t.workspace_id and m.from_id = t.profile_id
           where t.workspace_id = $1${condition}`
}

/** Of a person whose merged profiles named several companies the newest word counts. */
function membersOf(companyIds: readonly number[], statement: Statement): string {
  const ids = `any(${statement.parameter(companyIds)}::bigint[])`
  return `s.profile_id in (${livingOf('company_relation', ` and t.company_id = ${ids}`)})
          and (select r.company_id from company_relation r
                where r.workspace_id = $1 and (r.profile_id = s.profile_id or r.profile_id in
                      (select from_id from profile_merge where workspace_id = $1 and to_id = s.profile_id))
                order by r.at desc limit 1) = ${ids}`
}

function placeOf({ after, sort }: ListQuery, { value, id, hasValue }: View, statement: Statement): string[] {
  // Behind the last profile with the value come all those without it.
  if (!after || (!hasValue && after.value !== null)) return []
  const beyond = sort.order === 'asc' ? '>' : '<'
  const lastId = `${statement.parameter(after.profileId)}::bigint`
  if (!hasValue) return [`s.profile_id ${beyond} ${lastId}`]
  const type = sort.by === 'createdAt' || sort.by === 'lastActivityAt' ? 'timestamptz' : 'text'
  // A comparison of rows is a place in the index.
  return [`(${value}, ${id}) ${beyond} (${statement.parameter(after.value)}::${type}, ${lastId})`]
}
