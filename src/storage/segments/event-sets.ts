import { DURATION_UNITS } from '../../model/segment.ts'
import type { EventCondition, EventFilter, Measure, SequenceCondition, Window } from '../../model/segment.ts'
import { rowsOf } from './statement.ts'
import type { Statement } from './statement.ts'
import { numberOf } from './stored-values.ts'
import { fieldOf, testMoment, testNumber, testValue, zeroPasses } from './value-tests.ts'

/** Whether a person has events as a condition says. Index event_name, or event_timeline among some profiles. */
export function eventCondition(statement: Statement, { measure, window, ...filter }: EventCondition): string {
  const { living, events } = eventsOf(statement, { ...filter, window })
  const people = `select ${living} as profile_id ${events} group by 1`
  if (!measure) return statement.join(people)
  const holds = testMeasure(statement, measure)
  // Whoever has no such event is in no group: where none is right too, those are joined for whom it is not.
  const isRightForNone = measure.function === 'count' && zeroPasses(measure)
  if (isRightForNone) return `not (${statement.join(`${people} having not (${holds})`)})`
  return statement.join(`${people} having ${holds}`)
}

/** The events of a name that pass the filters inside a window, as {@link rowsOf} has them. */
export function eventsOf(
  statement: Statement,
  { window, ...filter }: EventFilter & { window?: Window | undefined },
): { living: string; events: string } {
  const { living, from } = rowsOf(statement, 'event')
  const events = [from, ...windowOf(statement, window), ...filtersOf(statement, filter)].join(' and ')
  return { living, events }
}

function testMeasure(statement: Statement, measure: Measure): string {
  switch (measure.function) {
    case 'count':
      return testNumber(statement, 'count(*)::numeric', measure)
    case 'first':
      return testMoment(statement, 'min(e.occurred_at)', measure)
    case 'last':
      return testMoment(statement, 'max(e.occurred_at)', measure)
    default: {
      const number = numberOf(fieldOf(statement, 'e.properties', measure))
      if (measure.function === 'avg')
        return testNumber(statement, `sum(${number})`, measure, `count(${number})`)
      return testNumber(statement, `${measure.function}(${number})`, measure)
    }
  }
}

function windowOf(statement: Statement, { from, to }: Window = {}): string[] {
  return [
    ...(from === undefined ? [] : [`e.occurred_at >= ${statement.moment(from)}`]),
    ...(to === undefined ? [] : [`e.occurred_at < ${statement.moment(to)}`]),
  ]
}

function filtersOf(statement: Statement, { name, filters = [] }: EventFilter): string[] {
  const passed = filters.map((filter) =>
    testValue(statement, fieldOf(statement, 'e.properties', filter), filter),
  )
  return name === undefined ? passed : [`e.name = ${statement.parameter(name, 'text')}`, ...passed]
}

/**
 * Whether a person did things one after the other. For every event it is carried along when a chain that reaches it began
 * at the latest, step by step; so each step sorts the events once more, and no pair of events is ever looked at.
 */
export function sequenceCondition(
  statement: Statement,
  { steps, within, window }: SequenceCondition,
): string {
  const { living, from } = rowsOf(statement, 'event')
  const isStep = steps.map((step) => ['true', ...filtersOf(statement, step)].join(' and '))
  const names = steps.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const isNamed =
    names.length === steps.length
      ? [`e.name = any(${statement.parameter([...new Set(names)], 'text[]')})`]
      : []
  const events = [from, ...windowOf(statement, window), ...isNamed].join(' and ')
  let rows = `select ${living} as profile_id, e.occurred_at as at, e.occurred_at as began_0,
    ${isStep.map((step, index) => `(${step}) as is_${index + 1}`).join(', ')} ${events}`
  for (let done = 1; done < steps.length; done++) rows = carryOn(rows, done)
  const last = steps.length
  const isInTime = within ? ` and at - began_${last - 1} <= ${lengthOf(statement, within)}` : ''
  return statement.join(
    `select distinct profile_id from (${rows}) chains where is_${last} and began_${last - 1} is not null${isInTime}`,
  )
}

/** Adds when the latest chain began that was through its first steps before an event: strictly before, in time. */
function carryOn(rows: string, done: number): string {
  return `select *, max(case when is_${done} then began_${done - 1} end) over (
      partition by profile_id order by at groups between unbounded preceding and 1 preceding) as began_${done}
    from (${rows}) step_${done}`
}

function lengthOf(statement: Statement, { amount, unit }: NonNullable<SequenceCondition['within']>): string {
  const milliseconds = statement.parameter(amount * DURATION_UNITS[unit], 'double precision')
  return `${milliseconds} * interval '1 millisecond'`
}
