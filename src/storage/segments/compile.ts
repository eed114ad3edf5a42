import type { Condition } from '../../model/segment.ts'
import { computedCondition } from './computed.ts'
import { eventCondition, sequenceCondition } from './event-sets.ts'
import {
  anonymousCondition,
  companyCondition,
  consentCondition,
  deviceCondition,
  tagCondition,
} from './profile-sets.ts'
import { Statement } from './statement.ts'
import type { SegmentScope } from './statement.ts'
import { fieldOf, testMoment, testValue } from './value-tests.ts'

/** A statement that selects the `profile_id` of living profiles, each once, in no order. */
export interface SegmentQuery {
  text: string
  values: unknown[]
}

/**
 * The statement that finds who belongs to a segment. Pure: it reads neither a clock nor the database. Whatever the
 * customer's data holds, the statement does not fail on it.
 * @param definition one that was checked
 */
export function compileSegment(definition: Condition, scope: SegmentScope): SegmentQuery {
  const statement = new Statement(scope)
  return statement.finish(conditionOf(statement, definition))
}

/**
 * The statement that finds to which of several segments each of some profiles belongs: `profile_id`, and `belongs`, a truth
 * for each definition.
 */
export function compileSegments(definitions: readonly Condition[], scope: SegmentScope): SegmentQuery {
  const statement = new Statement(scope)
  const truths = definitions.map((definition) => conditionOf(statement, definition))
  return statement.finish('true', [`array[${truths.join(', ')}] as belongs`])
}

/** A condition over the profile `p` and the sets that it joins; true or false, never null. */
function conditionOf(statement: Statement, condition: Condition): string {
  switch (condition.type) {
    case 'and':
    case 'or':
      return `(${condition.conditions.map((one) => conditionOf(statement, one)).join(` ${condition.type} `)})`
    case 'not':
      return `not (${conditionOf(statement, condition.condition)})`
    case 'attribute':
      return testValue(statement, fieldOf(statement, 'p.attributes', condition), condition)
    case 'aggregate':
    case 'expression':
      return computedCondition(statement, condition)
    case 'profile':
      return testMoment(statement, PROFILE_COLUMNS[condition.name], condition)
    case 'tag':
      return tagCondition(statement, condition.name)
    case 'consent':
      return consentCondition(statement, condition)
    case 'company':
      return companyCondition(statement, condition)
    case 'anonymous':
      return anonymousCondition(statement)
    case 'device':
      return deviceCondition(statement, condition)
    case 'event':
      return eventCondition(statement, condition)
    case 'sequence':
      return sequenceCondition(statement, condition)
  }
}

/** The columns of a profile that definitions name. */
export const PROFILE_COLUMNS = { createdAt: 'p.created_at', updatedAt: 'p.updated_at' } as const
