// @ts-check
// `npm test`: sets up what is missing, runs every stage, ends with the line `N passed, N failed`.
// `npm test -- unit lint` runs the stages with these names only; `npm run check` runs those that need no database.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'
import { ensureBuilt, ensureInstalled, projectRoot } from './setup.mjs'
import { countTests } from './vitest-counts.mjs'

/**
 * One thing that must hold. Either a `tool` of node_modules/.bin (or `node`) with its arguments, which counts as one
 * test, or a vitest `project`, which counts as many as it holds. Tools run two at a time, projects one after another.
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[]} [tool]
 * @property {string} [project]
 * @property {boolean} [isFast] part of `npm run check`
 * @property {boolean} [needsBuild] not run when dist cannot be built
 */

/** @type {Stage[]} */
const stages = [
  { name: 'format', tool: ['prettier', '--check', '.'], isFast: true },
  { name: 'lint', tool: ['oxlint', '--type-aware', '--deny-warnings'], isFast: true },
  { name: 'types', tool: ['tsc', '-p', 'tsconfig.json', '--noEmit'], isFast: true },
  { name: 'types-sdk', tool: ['tsc', '-p', 'sdk/tsconfig.json', '--noEmit'], isFast: true },
  { name: 'types-console', tool: ['tsc', '-p', 'console/tsconfig.json', '--noEmit'], isFast: true },
  { name: 'boundaries', tool: ['node', 'scripts/boundaries.mjs'], isFast: true },
  { name: 'unused', tool: ['knip'], isFast: true },
  { name: 'documents', tool: ['node', 'scripts/docs.mjs', '--check'], isFast: true, needsBuild: true },
  { name: 'openapi', tool: ['redocly', 'lint', 'docs/openapi/*.json'], isFast: true },
  { name: 'unit', project: 'unit', isFast: true },
  { name: 'integration', project: 'integration' },
  { name: 'system', project: 'system', needsBuild: true },
  { name: 'browser', project: 'browser', needsBuild: true },
  { name: 'prove', project: 'prove', needsBuild: true },
]

/** The machine this must run on has two cores. */
const toolsAtOnce = 2

/** @typedef {import('./vitest-counts.mjs').Counts & { name: string, durationMs: number }} StageResult */

process.exitCode = await main(process.argv.slice(2))

/**
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
async function main(args) {
  try {
    const selected = selectStages(args)
    await ensureInstalled()
    const results = await runStages(selected)
    printTable(results)
    return printTotal(results)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    printTotal([{ name: 'setup', passed: 0, failed: 1, skipped: 0, durationMs: 0 }])
    return error.exitCode
  }
}

/**
 * @param {string[]} args
 * @throws {SetupError} a name that no stage has
 */
function selectStages(args) {
  const names = args.filter((arg) => arg !== '--fast')
  const unknown = names.find((name) => !stages.some((stage) => stage.name === name))
  if (unknown) {
    throw new SetupError(
      `No stage is called "${unknown}"; there are ${stages.map(({ name }) => name).join(', ')}.`,
    )
  }
  const wanted = args.includes('--fast') ? stages.filter((stage) => stage.isFast) : stages
  return names.length > 0 ? wanted.filter((stage) => names.includes(stage.name)) : wanted
}

/**
 * @param {Stage[]} selected
 * @returns {Promise<StageResult[]>} in the order of the list
 */
async function runStages(selected) {
  const buildFailure = selected.some((stage) => stage.needsBuild) ? await tryBuild() : ''
  /** @param {Stage} stage */
  const run = (stage) =>
    stage.needsBuild && buildFailure ? refuseStage(stage, buildFailure) : runStage(stage)
  const toolResults = await runSome(
    selected.filter((stage) => stage.tool),
    toolsAtOnce,
    run,
  )
  const projectResults = await runSome(
    selected.filter((stage) => stage.project),
    1,
    run,
  )
  return [...toolResults, ...projectResults]
}

/** @returns {Promise<string>} why dist could not be built, empty when it is current */
async function tryBuild() {
  try {
    await ensureBuilt()
    return ''
  } catch (error) {
    if (error instanceof SetupError) return error.message
    throw error
  }
}

/**
 * @param {Stage} stage
 * @param {string} reason
 * @returns {Promise<StageResult>}
 */
async function refuseStage({ name }, reason) {
  console.log(`✗ ${name}: not run.\n${reason}`)
  return { name, passed: 0, failed: 1, skipped: 0, durationMs: 0 }
}

/**
 * Runs at most `limit` stages at once.
 * @param {Stage[]} list
 * @param {number} limit
 * @param {(stage: Stage) => Promise<StageResult>} run
 */
async function runSome(list, limit, run) {
  /** @type {StageResult[]} */
  const results = []
  const waiting = list.entries()
  const work = async () => {
    for (const [index, stage] of waiting) results[index] = await run(stage)
  }
  await Promise.all(Array.from({ length: limit }, work))
  return results
}

/**
 * @param {Stage} stage
 * @returns {Promise<StageResult>}
 */
async function runStage(stage) {
  const startedAt = performance.now()
  const counts = stage.project ? await runProject(stage.project) : await runTool(stage)
  return { name: stage.name, durationMs: performance.now() - startedAt, ...counts }
}

/** @param {Stage} stage */
async function runTool({ name, tool = [] }) {
  const [command = '', ...args] = tool
  const startedAt = performance.now()
  const { exitCode, output } = await runCommand(pathOfTool(command), args, {
    cwd: projectRoot,
    output: 'capture',
  })
  const duration = formatDuration(performance.now() - startedAt)
  console.log(
    exitCode === 0 ? `✓ ${name} ${duration}` : `✗ ${name} ${duration} (exit code ${exitCode})\n${output}`,
  )
  return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 }
}

/** @param {string} command */
function pathOfTool(command) {
  return command === 'node' ? process.execPath : join(projectRoot, 'node_modules', '.bin', command)
}

/** @param {string} project */
async function runProject(project) {
  const reportPath = join(projectRoot, '.cache', `vitest-${project}.json`)
  // A report left by an earlier run must not speak for one that dies early.
  rmSync(reportPath, { force: true })
  console.log(`\n${project} tests`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json']
  // A forgotten `.only` would hide every other test of its file behind a green run.
  args.push(`--outputFile.json=${reportPath}`, '--allowOnly=false')
  const { exitCode } = await runCommand(pathOfTool('vitest'), args, { cwd: projectRoot, output: 'show' })
  return countTests(readReport(reportPath), exitCode)
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // Absent or cut off: countTests makes a failure of it.
    return undefined
  }
}

/** @param {StageResult[]} results */
function printTable(results) {
  console.log('')
  for (const { name, passed, failed, skipped, durationMs } of results) {
    const verdict = failed === 0 ? 'passed' : 'FAILED'
    const line = `${name.padEnd(14)} ${verdict} ${formatDuration(durationMs).padStart(8)}`
    console.log(`${line}  ${formatCounts({ passed, failed, skipped })}`)
  }
  console.log('')
}

/**
 * Prints the last line, the one that .ci/run and people look for.
 * @param {StageResult[]} results
 * @returns {number} exit code
 */
function printTotal(results) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const result of results) {
    total.passed += result.passed
    total.failed += result.failed
    total.skipped += result.skipped
  }
  console.log(formatCounts(total))
  return total.failed > 0 ? 1 : 0
}

/** @param {import('./vitest-counts.mjs').Counts} counts */
function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** @param {number} durationMs */
function formatDuration(durationMs) {
  return `${(durationMs / 1000).toFixed(1)} s`
}
