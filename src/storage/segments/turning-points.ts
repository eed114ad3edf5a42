import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { expressionParts } from '../../model/expression.ts'
import type { Expression } from '../../model/expression.ts'
import type {
  Condition,
  EventCondition,
  EventFilter,
  Field,
  SequenceCondition,
  Window,
} from '../../model/segment.ts'
import type { Moment, RelativeMoment, ValueTest } from '../../model/segment-tests.ts'
import type { Queryable } from '../db.ts'
import type { Computed } from '../../model/computed.ts'
import { PROFILE_COLUMNS } from './compile.ts'
import { computedOf, valueOf } from './computed.ts'
import { DEVICE_COLUMNS } from './profile-sets.ts'
import { Statement, rowsOf } from './statement.ts'
import type { SegmentScope } from './statement.ts'
import { momentOf } from './stored-values.ts'
import { fieldOf } from './value-tests.ts'

/** An instant that is stored of a profile, and a moment of a definition that will pass it. */
export interface TurningPoint {
  profileId: number
  moment: RelativeMoment
  /** The first one that the moment has not passed yet. */
  stored: Instant
  /** The places of the definitions that it is about. */
  definitions: readonly number[]
}

/** A moment that moves, and the statement that selects `profile_id` and `at`: the stored instants that it meets. */
interface Meeting {
  moment: RelativeMoment
  /** Says what it selects: what two definitions ask for is asked once. */
  key: string
  select: (statement: Statement) => string
}

/**
 * Of each profile and each moving moment the next stored instant that the moment will pass: until the first of them
 * nobody begins or stops to belong to a segment without a write. Properties of events are looked at whatever the filters
 * beside them say, so that some are too early.
 */
export async function findTurningPoints(
  db: Queryable,
  definitions: readonly Condition[],
  scope: SegmentScope & { profileIds: readonly number[] },
): Promise<TurningPoint[]> {
  const points: TurningPoint[] = []
  for (const [place, definition] of definitions.entries())
    for (const value of datedValuesOf(definition)) points.push(...(await findValues(db, value, scope, place)))
  const meetings = gather(definitions)
  if (meetings.length === 0) return points
  const statement = new Statement(scope)
  const parts = meetings.map(({ moment, select }, place) => {
    const reached = statement.moment(moment)
    return `select ${place} as place, profile_id, min(at) as at from (${select(statement)}) met
             where at >= ${reached} group by profile_id`
  })
  const { text, values } = statement.among(parts.join('\nunion all\n'))
  const { rows } = await db.query<{ place: number; profile_id: number; at: Date }>(text, values)
  for (const row of rows) {
    const { moment, owners = [] } = meetings[row.place] ?? {}
    if (moment)
      points.push({ profileId: row.profile_id, moment, stored: row.at.getTime(), definitions: owners })
  }
  return points
}

/** What definitions ask for, each thing once. */
function gather(definitions: readonly Condition[]): (Meeting & { owners: number[] })[] {
  const byKey = new Map<string, Meeting & { owners: number[] }>()
  for (const [place, definition] of definitions.entries())
    for (const meeting of meetingsOf(definition)) {
      const key = JSON.stringify([meeting.moment, meeting.key])
      const known = byKey.get(key) ?? { ...meeting, owners: [] }
      if (known.owners.at(-1) !== place) known.owners.push(place)
      byKey.set(key, known)
    }
  return [...byKey.values()]
}

/** A computed value that is compared with a moment that moves. */
interface DatedValue {
  moment: RelativeMoment
  computed: Computed
}

function datedValuesOf(condition: Condition): DatedValue[] {
  if (condition.type === 'and' || condition.type === 'or') return condition.conditions.flatMap(datedValuesOf)
  if (condition.type === 'not') return datedValuesOf(condition.condition)
  if (condition.type !== 'aggregate' && condition.type !== 'expression') return []
  const computed = computedOf(condition)
  return momentsOf(condition).map((moment) => ({ moment, computed }))
}

/** A value may be made of much, so it is a statement of its own. */
async function findValues(
  db: Queryable,
  { moment, computed }: DatedValue,
  scope: SegmentScope,
  place: number,
): Promise<TurningPoint[]> {
  const statement = new Statement(scope)
  const value = momentOf(valueOf(statement, computed), statement.timezone)
  const reached = statement.moment(moment)
  const { text, values } = statement.finish('true', [`${value} as at`])
  const { rows } = await db.query<{ profile_id: number; at: Date }>(
    `select profile_id, at from (${text}) met where at >= ${reached}`,
    values,
  )
  return rows.map((row) => ({
    profileId: row.profile_id,
    moment,
    stored: row.at.getTime(),
    definitions: [place],
  }))
}

function meetingsOf(condition: Condition): Meeting[] {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap(meetingsOf)
    case 'not':
      return meetingsOf(condition.condition)
    case 'attribute':
      return meet(momentsOf(condition), keyOf('attribute', condition), (statement) => {
        const value = momentOf(fieldOf(statement, 'p.attributes', condition), statement.timezone)
        return profilesWith(statement, value)
      })
    case 'profile':
      return meet(momentsOf(condition), `profile ${condition.name}`, (statement) =>
        profilesWith(statement, PROFILE_COLUMNS[condition.name]),
      )
    case 'device':
      return (condition.filters ?? []).flatMap((filter) =>
        meet(momentsOf(filter), `device ${filter.name}`, (statement) => {
          const { living, from } = rowsOf(statement, 'device')
          const value = momentOf(`to_jsonb(${DEVICE_COLUMNS[filter.name]})`, statement.timezone)
          return `select ${living} as profile_id, ${value} as at ${from}`
        }),
      )
    case 'event':
      return meetingsOfEvents(condition)
    case 'sequence':
      return meetingsOfSequence(condition)
    case 'aggregate':
      return condition.definition ? meetingsOfEvents(condition.definition) : []
    case 'expression':
      return condition.definition ? meetingsOfExpression(condition.definition) : []
    default:
      return []
  }
}

function meetingsOfEvents({ window, measure, ...filter }: Omit<EventCondition, 'type'>): Meeting[] {
  const isAboutTime = measure?.function === 'first' || measure?.function === 'last'
  const moments = [...edgesOf(window), ...(isAboutTime ? momentsOf(measure) : [])]
  const happened = meetEvents(moments, [filter])
  return [...happened, ...meetingsOfFilter(filter)]
}

/** Midnight: what is counted in days since then is another number after it. */
const MIDNIGHT: RelativeMoment = { offset: 0, unit: 'day', startOf: 'day' }

function meetingsOfExpression(expression: Expression): Meeting[] {
  const parts = [...expressionParts(expression)]
  const aggregates = parts.flatMap((part) =>
    part.type === 'aggregate' && part.definition ? [part.definition] : [],
  )
  const isOfToday = parts.some(({ type }) => type === 'daysSince')
  const today = meet(isOfToday ? [MIDNIGHT] : [], 'today', (statement) => {
    const at = statement.parameter(toRfc3339(statement.scope.now), 'timestamptz')
    return profilesWith(statement, at)
  })
  return [...today, ...aggregates.flatMap(meetingsOfEvents)]
}

function meetingsOfSequence({ steps, window }: SequenceCondition): Meeting[] {
  const happened = meetEvents(edgesOf(window), steps)
  return [...happened, ...steps.flatMap(meetingsOfFilter)]
}

function meetingsOfFilter(filter: EventFilter): Meeting[] {
  return (filter.filters ?? []).flatMap((test) =>
    meet(momentsOf(test), `${filter.name} ${keyOf('property', test)}`, (statement) => {
      const value = momentOf(fieldOf(statement, 'e.properties', test), statement.timezone)
      return eventsWith(statement, [filter], value)
    }),
  )
}

function meet(moments: readonly RelativeMoment[], key: string, select: Meeting['select']): Meeting[] {
  return moments.map((moment) => ({ moment, key, select }))
}

function keyOf(kind: string, { name, path = [] }: Field): string {
  return JSON.stringify([kind, name, path])
}

/** When events happened that have one of the names, or any where one of the filters has none. */
function meetEvents(moments: readonly RelativeMoment[], filters: readonly EventFilter[]): Meeting[] {
  const key = JSON.stringify(['happened', ...filters.map(({ name = null }) => name)])
  return meet(moments, key, (statement) => eventsWith(statement, filters, 'e.occurred_at'))
}

function profilesWith(statement: Statement, value: string): string {
  const ids = statement.parameter(statement.scope.profileIds ?? [], 'bigint[]')
  return `select p.profile_id, ${value} as at from profile p
           where p.workspace_id = ${statement.workspace} and p.profile_id = any(${ids})`
}

function eventsWith(statement: Statement, filters: readonly EventFilter[], value: string): string {
  const { living, from } = rowsOf(statement, 'event')
  const names = filters.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const isNamed =
    names.length === filters.length
      ? ` and e.name = any(${statement.parameter([...new Set(names)], 'text[]')})`
      : ''
  return `select ${living} as profile_id, ${value} as at ${from}${isNamed}`
}

function edgesOf({ from, to }: Window = {}): RelativeMoment[] {
  return [from, to].filter((moment) => isRelative(moment))
}

function momentsOf(test: ValueTest | { operator: string }): RelativeMoment[] {
  if (test.operator !== 'before' && test.operator !== 'after' && test.operator !== 'during') return []
  const { value, from, to } = test as { value?: Moment; from?: Moment; to?: Moment }
  return [value, from, to].filter((moment) => isRelative(moment))
}

function isRelative(moment: Moment | undefined): moment is RelativeMoment {
  return typeof moment === 'object'
}
