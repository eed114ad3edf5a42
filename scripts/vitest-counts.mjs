// @ts-check

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {object} VitestReport the part of vitest's JSON report that is read here
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults one entry for each file
 */

/**
 * Counts what vitest ran. Never zero failures for a run that did not succeed: a file that could not be loaded, a
 * global setup that threw and a run without any test count as one failure each.
 * @param {VitestReport | undefined} report undefined when vitest died before it wrote one
 * @param {number} exitCode vitest's
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const passed = report.numPassedTests
  const skipped = report.numPendingTests + report.numTodoTests
  const failed = report.numFailedTests + report.testResults.filter(failedToLoad).length
  const ranWithoutResult = failed === 0 && (exitCode !== 0 || passed === 0)
  return { passed, failed: ranWithoutResult ? 1 : failed, skipped }
}

/** @param {{ status: string, assertionResults: { status: string }[] }} file */
function failedToLoad(file) {
  return file.status === 'failed' && file.assertionResults.every((result) => result.status !== 'failed')
}
