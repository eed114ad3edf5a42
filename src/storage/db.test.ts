import { expect, test } from 'vitest'
import { isStorageUnavailable } from './db.ts'

function postgresError(code: string, file = 'execMain.c'): Error {
  return Object.assign(new Error('refused'), { code, file })
}

test.each([
  ['57P01', 'the server is stopped'],
  ['08006', 'the connection broke'],
  ['53100', 'the disk is full'],
  ['53200', 'there is no memory'],
  ['53300', 'there are too many connections'],
  ['58030', 'the disk fails'],
  ['25006', 'nobody may write'],
  ['42501', 'the disk is mounted read-only'],
])('%s is nobody’s fault: %s', (code) => {
  expect(isStorageUnavailable(postgresError(code))).toBe(true)
})

test('an internal error is nobody’s fault where a file refused the write, and a fault of the statement elsewhere', () => {
  expect(isStorageUnavailable(postgresError('XX000', 'md.c'))).toBe(true)
  expect(isStorageUnavailable(postgresError('XX000', 'jsonb_util.c'))).toBe(false)
})

test.each(['22P05', '23505', '22001', '54000', '40001'])(
  '%s is a fault of the statement, or of its moment',
  (code) => {
    expect(isStorageUnavailable(postgresError(code))).toBe(false)
  },
)
