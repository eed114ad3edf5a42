import { MOMENT_OPERATORS, RESULT_OPERATORS, withOperator } from '../../definitions/operators.ts'
import { partOf, textOf } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'

/** What must hold of all the events together; `once` is no measure: one event is enough. */
export const MEASURES: Readonly<Record<string, string>> = {
  once: 'At least once',
  count: 'How many times',
  sum: 'The sum of',
  avg: 'The mean of',
  min: 'The smallest',
  max: 'The largest',
  first: 'The first time',
  last: 'The last time',
}

/** Whether a measure is about the numbers of a property. */
export function hasProperty(measure: Part): boolean {
  return ['sum', 'avg', 'min', 'max'].includes(textOf(measure['function']))
}

/** The tests that a measure can be put to. */
export function operatorsOfMeasure(measure: Part): readonly string[] {
  return ['first', 'last'].includes(textOf(measure['function'])) ? MOMENT_OPERATORS : RESULT_OPERATORS
}

/** The measure with another function; what it is compared with stays as far as it fits. Undefined is no measure. */
export function withFunction(measure: unknown, made: string): Part | undefined {
  if (made === 'once') return undefined
  const { function: _before, name, path, ...test } = partOf(measure)
  const field = hasProperty({ function: made })
    ? { name: textOf(name), ...(path !== undefined && { path }) }
    : {}
  const next = { function: made, ...field, ...test }
  const operators = operatorsOfMeasure(next)
  const before = textOf(test['operator'])
  return withOperator(next, operators.includes(before) ? before : (operators[0] ?? ''), ['number'])
}
