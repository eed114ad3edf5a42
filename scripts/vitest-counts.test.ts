import { expect, test } from 'vitest'
import { countTests } from './vitest-counts.mjs'

const clean = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }

test('tests are counted as vitest counts them', () => {
  const report = { ...clean, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }
  expect(countTests(report, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 })
})

test('a file that cannot be loaded is a failure', () => {
  const testResults = [
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
    { status: 'failed', assertionResults: [] },
  ]
  expect(countTests({ ...clean, testResults }, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 })
})

test('a run that ended badly without a failed test is a failure', () => {
  expect(countTests(clean, 1).failed).toBe(1)
})

test('a run without any test is a failure', () => {
  expect(countTests({ ...clean, numPassedTests: 0, numPendingTests: 4 }, 0)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 4,
  })
})

test('a run without a report is a failure', () => {
  expect(countTests(undefined, 137)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})
