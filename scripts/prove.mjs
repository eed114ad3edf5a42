// @ts-check
// `npm run prove`: installs what is missing, builds what is stale, runs the proofs of test/prove at full scale and
// writes their figures into docs/reliability.md. `-- --long` runs more of everything; `-- crash walls` only these.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { runCommand } from './run-command.mjs'
import { SetupError, runScript } from './setup-error.mjs'
import { ensureBuilt, ensureInstalled, projectRoot } from './setup.mjs'

/** @typedef {import('../test/prove/figures.ts').Figure} Figure */

const figuresPath = join(projectRoot, '.cache', 'prove-figures.jsonl')
const documentPath = join(projectRoot, 'docs', 'reliability.md')

/** Proofs whose figures are times and memory: nothing runs beside them. */
const MEASURING = ['overload', 'soak']

const OTHERS = ['bad-input', 'crash', 'upgrade', 'privacy', 'backup', 'walls', 'supply-chain']

await runScript(async () => {
  const args = process.argv.slice(2)
  const scale = args.includes('--long') ? 'long' : 'full'
  const wanted = args.filter((arg) => arg !== '--long')
  await ensureInstalled()
  await ensureBuilt()
  // Figures of an earlier run must not stand for one that dies early.
  rmSync(figuresPath, { force: true })
  Object.assign(process.env, { PROVE_SCALE: scale, PROVE_FIGURES: figuresPath })
  const startedAt = performance.now()
  for (const { names, workers } of passesOf(wanted)) await runProofs(names, workers)
  await writeFigures(scale, [...(scale === 'long' ? ['--long'] : []), ...wanted])
  console.log(`All proofs held, in ${Math.round((performance.now() - startedAt) / 1000)} s.`)
})

/**
 * The runs of vitest that a call means: one proof after another where they measure, two at a time elsewhere.
 * @param {string[]} wanted names of proofs, or paths below them; all of them when there are none
 */
function passesOf(wanted) {
  const names = wanted.length > 0 ? wanted : [...MEASURING, ...OTHERS]
  /** @param {string} name */
  const measures = (name) => MEASURING.some((proof) => name.startsWith(proof))
  return [
    { names: names.filter(measures), workers: 1 },
    { names: names.filter((name) => !measures(name)), workers: 2 },
  ].filter((pass) => pass.names.length > 0)
}

/**
 * @param {string[]} names
 * @param {number} workers
 */
async function runProofs(names, workers) {
  const { exitCode } = await runCommand(
    join(projectRoot, 'node_modules', '.bin', 'vitest'),
    ['run', '--project', 'prove', `--maxWorkers=${workers}`, ...names.map((name) => `test/prove/${name}`)],
    { cwd: projectRoot, output: 'show' },
  )
  if (exitCode !== 0)
    throw new SetupError('A promise did not hold; docs/reliability.md stays as it is.', exitCode)
}

/**
 * Puts the figures of each proof that ran into its section.
 * @param {'full' | 'long'} scale
 * @param {string[]} args how the run was asked for
 */
async function writeFigures(scale, args) {
  const figures = readFigures()
  let text = readFileSync(documentPath, 'utf8')
  for (const proof of new Set(figures.map((figure) => figure.proof))) {
    const own = figures.filter((figure) => figure.proof === proof)
    text = replaceSection(text, `${proof}:${scale}`, render(own, args))
  }
  const options = { ...(await resolveConfig(documentPath)), parser: 'markdown' }
  writeFileSync(documentPath, await format(text, options))
}

/** @returns {Figure[]} */
function readFigures() {
  if (!existsSync(figuresPath)) throw new SetupError('The proofs noted no figures.')
  return readFileSync(figuresPath, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/**
 * @param {string} text
 * @param {string} name
 * @param {string} content
 */
function replaceSection(text, name, content) {
  const [open, close] = [`<!-- figures:${name} -->`, `<!-- /figures:${name} -->`]
  const [start, end] = [text.indexOf(open), text.indexOf(close)]
  if (start < 0 || end < start) throw new SetupError(`docs/reliability.md has no markers ${open} … ${close}.`)
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`
}

/**
 * @param {Figure[]} figures
 * @param {string[]} args
 */
function render(figures, args) {
  const command = ['npm run prove', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')
  const [cpu] = cpus()
  const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  const rows = figures.map(
    ({ what, value, unit = '', bound = '' }) => `| ${what} | ${value} ${unit} | ${bound} |`,
  )
  return [
    `\`${command}\` on ${new Date().toISOString().slice(0, 10)}, ${machine}:`,
    '',
    '| what | figure | bound |',
    '| --- | --: | --- |',
    ...rows,
  ].join('\n')
}
