import { QUOTIENT_DIGITS } from '../../model/aggregate.ts'
import { RESULT_DIGITS, RESULT_EXPONENT_MAX } from '../../model/expression.ts'
import type { Statement } from './statement.ts'

/**
 * A quotient of two `numeric`s to {@link QUOTIENT_DIGITS} digits, half away from zero. PostgreSQL's own `/` keeps more
 * digits of small quotients than of large ones; whole division is exact. Uses both sides twice.
 * @param divisor is not 0
 */
export function quotientOf(dividend: string, divisor: string): string {
  const twice = `${dividend} * 2e${QUOTIENT_DIGITS} + sign(${dividend}) * abs(${divisor})`
  return `div(${twice}, ${divisor} * 2) * 1e-${QUOTIENT_DIGITS}`
}

/** One number by another; null by zero. */
export function divide(statement: Statement, left: string, right: string): string {
  const quotient = statement.bind(left, (a) =>
    statement.bind(right, (b) => `case when ${b} <> 0 then ${quotientOf(a, b)} end`),
  )
  return bounded(statement, quotient)
}

/** Numbers added, subtracted or multiplied from left to right. Each step is rounded, so that nothing grows without end. */
export function calculate(
  statement: Statement,
  operator: '+' | '-' | '*',
  numbers: readonly string[],
): string {
  const step = (left: string, right: string): string =>
    `round((${left}) ${operator} (${right}), ${RESULT_DIGITS})`
  return bounded(statement, numbers.reduce(step))
}

/** `numeric` fails on numbers of 131,072 digits, which would fail the statement; so they end long before. */
function bounded(statement: Statement, number: string): string {
  return statement.bind(number, (n) => `case when abs(${n}) < 1e${RESULT_EXPONENT_MAX} then ${n} end`)
}
