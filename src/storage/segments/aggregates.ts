import type { Aggregate } from '../../model/aggregate.ts'
import { quotientOf } from './arithmetic.ts'
import { eventsOf } from './event-sets.ts'
import type { SqlValue } from './sql-values.ts'
import type { Statement } from './statement.ts'
import { numberOf } from './stored-values.ts'
import { fieldOf } from './value-tests.ts'

/** The value of an aggregate for the profile `p`. Index event_name, or event_timeline among some profiles. */
export function aggregateOf(statement: Statement, aggregate: Aggregate): SqlValue {
  const value = statement.joinValue(JSON.stringify(aggregate), () => selectOf(statement, aggregate))
  switch (aggregate.function) {
    case 'count':
    case 'distinct':
      // Whoever has no such event has no row.
      return { sql: `coalesce(${value}, 0)`, type: 'number' }
    case 'first':
    case 'last':
    case 'top':
      return { sql: value, type: 'json' }
    default:
      return { sql: value, type: 'number' }
  }
}

/** Selects `profile_id` and `value` of whoever has such events. */
function selectOf(statement: Statement, aggregate: Aggregate): string {
  const { living, events } = eventsOf(statement, aggregate)
  if (aggregate.function === 'count')
    return `select ${living} as profile_id, count(*)::numeric as value ${events} group by 1`
  const field = fieldOf(statement, 'e.properties', aggregate.property)
  const valued = `select ${living} as profile_id, ${field} as value, e.occurred_at, e.event_id ${events}
       and jsonb_typeof(${field}) <> 'null'`
  switch (aggregate.function) {
    case 'first':
      return firstOf(valued, 'asc')
    case 'last':
      return firstOf(valued, 'desc')
    case 'distinct':
      return `select profile_id, count(distinct value)::numeric as value from (${valued}) valued group by 1`
    case 'top':
      return topOf(valued, statement.parameter(aggregate.limit, 'integer'))
    default:
      return numbersOf(
        `select ${living} as profile_id, ${numberOf(field)} as n ${events}`,
        aggregate.function,
      )
  }
}

function firstOf(valued: string, direction: 'asc' | 'desc'): string {
  return `select distinct on (1) profile_id, value from (${valued}) valued
     order by 1, occurred_at ${direction}, event_id ${direction}`
}

/** The order of `jsonb` depends on the locale of the database; that of its text does not. */
const FREQUENT_FIRST = 'times desc, value::text collate "C"'

function topOf(valued: string, limit: string): string {
  const counted = `select profile_id, value, count(*) as times from (${valued}) valued group by 1, 2`
  return `select profile_id, jsonb_agg(value order by ${FREQUENT_FIRST}) as value from (
      select *, row_number() over (partition by profile_id order by ${FREQUENT_FIRST}) as place
        from (${counted}) counted) ranked
     where place <= ${limit} group by 1`
}

function numbersOf(numbers: string, name: 'sum' | 'avg' | 'min' | 'max'): string {
  if (name !== 'avg') return `select profile_id, ${name}(n) as value from (${numbers}) numbers group by 1`
  // Without a number there is no sum, so nothing is divided by zero.
  return `select profile_id, ${quotientOf('total', 'times')} as value from (
      select profile_id, sum(n) as total, count(n) as times from (${numbers}) numbers group by 1) totals`
}
