import type { Instant } from '../../lib/time.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { resolveMoment } from '../../model/segment-moment.ts'
import type { Moment } from '../../model/segment-tests.ts'

/** Among whom, and when, a definition is evaluated. */
export interface SegmentScope {
  workspaceId: number
  /** The zone of the workspace, a name of the IANA database. */
  timezone: string
  /** What relative moments are relative to. */
  now: Instant
  /** Only these living profiles; undefined for all of the workspace. */
  profileIds?: readonly number[]
  /** Among some profiles, for many conditions in one statement: their events are read once, and only those that count. */
  shared?: SharedEvents
}

/** Which events of some profiles are read once for all conditions of a statement. */
export interface SharedEvents {
  /** Undefined for any. */
  names: readonly string[] | undefined
  /** Undefined for all time. */
  from: Instant | undefined
}

/** PostgreSQL's types of parameters. A parameter without one has whatever type its place suggests, which is a trap. */
type SqlType =
  | 'bigint'
  | 'bigint[]'
  | 'double precision'
  | 'integer'
  | 'jsonb'
  | 'jsonb[]'
  | 'numeric'
  | 'text'
  | 'text[]'
  | 'timestamptz'

/**
 * A statement that grows: what comes from a caller becomes a parameter, never text. Sets of profiles are joined to the
 * profile once each, because a join can be hashed whatever its size; a subquery inside `or` cannot.
 */
export class Statement {
  readonly scope: SegmentScope
  readonly #values: unknown[]
  readonly #joins: string[] = []
  readonly #computed = new Map<string, string>()
  #timezone: string | undefined
  #bound = 0
  #sharesEvents = false

  constructor(scope: SegmentScope) {
    this.scope = scope
    this.#values = [scope.workspaceId]
  }

  /** The workspace that every part is held to. */
  readonly workspace = '$1::integer'

  /** Notes that the events of the profiles are asked for, which {@link rowsOf} reads once for all who ask. */
  shareEvents(): void {
    this.#sharesEvents = true
  }

  /** A whole statement of another form, over the profiles of the scope. */
  among(sql: string): { text: string; values: unknown[] } {
    const ids = this.parameter(this.scope.profileIds ?? [], 'bigint[]')
    return { text: `${this.#membersOf(ids)}\n${sql}`, values: this.#values }
  }

  #membersOf(ids: string): string {
    const members = memberSql(ids, this.workspace)
    if (!this.#sharesEvents) return members
    const { names, from } = this.scope.shared ?? {}
    const bounds = [
      names && `and e.name = any(${this.parameter(names, 'text[]')})`,
      from !== undefined && `and e.occurred_at >= ${this.parameter(toRfc3339(from), 'timestamptz')}`,
    ]
    return `${members}, own_event as materialized (
      select m.living_id, e.name, e.occurred_at, e.event_id, e.properties
        from member m join event e on e.profile_id = m.profile_id
       where e.workspace_id = ${this.workspace} ${bounds.filter(Boolean).join(' ')})`
  }

  /** A value's place in the text. */
  parameter(value: unknown, type: SqlType): string {
    return `$${this.#values.push(value)}::${type}`
  }

  /** The zone; a parameter only once it is asked for, because PostgreSQL refuses one that is not used. */
  get timezone(): string {
    this.#timezone ??= this.parameter(this.scope.timezone, 'text')
    return this.#timezone
  }

  /** A moment of the definition. */
  moment(moment: Moment): string {
    return this.parameter(toRfc3339(resolveMoment(moment, this.scope)), 'timestamptz')
  }

  /**
   * Joins a set of living profiles.
   * @param sql selects `profile_id`, each at most once
   * @returns the condition that a profile is in it
   */
  join(sql: string): string {
    return `${this.#addJoin(sql)}.profile_id is not null`
  }

  /**
   * Joins a value of living profiles, once for everything that says the same.
   * @param key says what the value is
   * @param sql selects `profile_id`, each at most once, and `value`
   * @returns the value; null where a profile has no row
   */
  joinValue(key: string, sql: () => string): string {
    const name = this.#computed.get(key) ?? this.#addJoin(sql())
    this.#computed.set(key, name)
    return `${name}.value`
  }

  #addJoin(sql: string): string {
    const name = `s${this.#joins.length + 1}`
    this.#joins.push(`left join (${sql}) ${name} on ${name}.profile_id = p.profile_id`)
    return name
  }

  /**
   * Computes a value once for all the places where it is used. `offset 0` keeps the planner from writing it into each of
   * them: what is nested ten deep would come out a thousand times as long.
   */
  bind(sql: string, use: (value: string) => string): string {
    const name = `v${++this.#bound}`
    return `(select ${use(`${name}.v`)} from (select ${sql} as v offset 0) ${name})`
  }

  /**
   * The whole statement: the ids of living profiles for which a condition over `p` and the joined sets holds.
   * @param columns what is selected beside `profile_id`
   */
  finish(condition: string, columns: readonly string[] = []): { text: string; values: unknown[] } {
    const { profileIds } = this.scope
    const ids = profileIds && this.parameter(profileIds, 'bigint[]')
    const text = [
      ids && this.#membersOf(ids),
      `select ${['p.profile_id', ...columns].join(', ')} from profile p`,
      ...this.#joins,
      `where p.workspace_id = ${this.workspace}`,
      ids && `and p.profile_id = any(${ids})`,
      `and ${condition}`,
    ]
    return { text: text.filter((part) => part !== undefined).join('\n'), values: this.#values }
  }
}

/** Every profile id whose rows belong to one of the wanted profiles, and whose they are. Index profile_merge_to. */
function memberSql(ids: string, workspace: string): string {
  return `with member as (
    select wanted.id as profile_id, wanted.id as living_id from unnest(${ids}) as wanted(id)
    union
    select m.from_id, m.to_id from profile_merge m where m.workspace_id = ${workspace} and m.to_id = any(${ids}))`
}

/** Tables whose rows stay with the profile that they were written for, also when that one is merged away. */
type OwnedTable = 'company' | 'company_relation' | 'consent' | 'device' | 'event'

/**
 * The rows of a table as `e`, with whoever they belong to by now as `living`; ends in a condition, so that `and` can
 * follow. Among all profiles the table is read by its own indexes and the few merges are hashed; among some it is read
 * profile by profile.
 */
export function rowsOf(
  statement: Statement,
  table: OwnedTable,
): { living: string; from: string; isOwn: string } {
  const { workspace } = statement
  const isOwn = 'e.profile_id ='
  if (statement.scope.shared && table === 'event') {
    statement.shareEvents()
    return { living: 'e.living_id', from: 'from own_event e where true', isOwn: `${isOwn} e.living_id` }
  }
  if (statement.scope.profileIds) {
    const from = `from member m join ${table} e on e.profile_id = m.profile_id where e.workspace_id = ${workspace}`
    return { living: 'm.living_id', from, isOwn: `${isOwn} m.living_id` }
  }
  const from = `from ${table} e left join profile_merge m on m.workspace_id = ${workspace} and m.from_id = e.profile_id
      where e.workspace_id = ${workspace}`
  return { living: 'coalesce(m.to_id, e.profile_id)', from, isOwn: 'm.to_id is null' }
}
