import { parseStoredJson } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import type { Computed } from '../../model/computed.ts'
import type { ComputedCondition } from '../../model/segment.ts'
import type { Queryable } from '../db.ts'
import { aggregateOf } from './aggregates.ts'
import { expressionOf, resolved } from './expressions.ts'
import { asJson } from './sql-values.ts'
import { Statement } from './statement.ts'
import type { SegmentScope } from './statement.ts'
import { testValue } from './value-tests.ts'

/**
 * A computed value of the profile `p`, as `jsonb`; SQL null where there is none. What it reads of events is joined to the
 * statement, once for all values that are made of it.
 * @throws RangeError an id in it that nobody resolved
 */
export function valueOf(statement: Statement, { kind, definition }: Computed): string {
  return asJson(
    kind === 'aggregate' ? aggregateOf(statement, definition) : expressionOf(statement, definition),
  )
}

/** What a condition is about. @throws RangeError nobody resolved its id */
export function computedOf(condition: ComputedCondition): Computed {
  return condition.type === 'aggregate'
    ? { kind: 'aggregate', definition: resolved(condition.definition) }
    : { kind: 'expression', definition: resolved(condition.definition) }
}

/** Whether a computed value passes a test; true or false, never null. */
export function computedCondition(statement: Statement, condition: ComputedCondition): string {
  const value = valueOf(statement, computedOf(condition))
  return statement.bind(value, (bound) => testValue(statement, bound, condition))
}

/**
 * Values of living profiles, in one statement.
 * @param computed at most 50; the planner takes longer with each
 * @param scope with at most 500 profiles, or with none named for all of the workspace
 * @returns by profile id, in the order of the definitions; null where there is no value, and the text of a number that no
 * double holds
 */
export async function findComputedValues(
  db: Queryable,
  computed: readonly Computed[],
  scope: SegmentScope,
): Promise<Map<number, readonly Json[]>> {
  const statement = new Statement(scope)
  const values = computed.map((one) => valueOf(statement, one))
  // As text, because the driver would make doubles of numbers that are none.
  const { text, values: parameters } = statement.finish('true', [
    `jsonb_build_array(${values.join(', ')})::text as found`,
  ])
  const { rows } = await db.query<{ profile_id: number; found: string }>(text, parameters)
  return new Map(rows.map((row) => [row.profile_id, parseStoredJson(row.found) as Json[]]))
}
