import { expect, test } from 'vitest'
import { CdpError, ERRORS } from '../model/errors.ts'
import type { ErrorCode } from '../model/errors.ts'
import { EXIT_CODES, EXIT_STATUSES, exitCodeOf } from './exit-codes.ts'

test('every startup error ends the process with a code of its own meaning', () => {
  const startup = Object.entries(ERRORS).filter(([, { kind }]) => kind === 'startup')
  const documented = new Set<number>(Object.values(EXIT_STATUSES).map(({ code }) => code))
  const undocumented = startup.filter(([code]) => {
    const exitCode = exitCodeOf(new CdpError(code as ErrorCode))
    return exitCode <= 1 || !documented.has(exitCode)
  })
  expect(undocumented).toEqual([])
})

test('the documented exit codes differ from each other and name only known errors', () => {
  const codes = Object.values(EXIT_STATUSES).map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
  for (const code of Object.keys(EXIT_CODES)) expect(ERRORS).toHaveProperty(code)
})

test('a defect ends the process with 1', () => {
  expect(exitCodeOf(new TypeError('x is not a function'))).toBe(1)
  expect(exitCodeOf(new CdpError('CDP_INVARIANT_BROKEN'))).toBe(1)
  expect(exitCodeOf('text')).toBe(1)
})
