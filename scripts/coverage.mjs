// @ts-check
import { existsSync, readFileSync, readdirSync } from 'node:fs'

const root = new URL('../', import.meta.url)

/** @typedef {import('../src/dialects/index.ts').Dialect} Dialect */
/** @typedef {import('../src/dialects/index.ts').Operation} Operation */
/** @typedef {(dialect: string) => import('../src/dialects/fixtures.ts').FixtureFile[]} FixtureFilesOf */

/**
 * How much of each vendor's documented API works, in a row for each.
 * @param {readonly Dialect[]} dialects
 * @returns {string} a table in Markdown
 */
export function renderCoverageSummary(dialects) {
  const rows = dialects.map(({ title, operations }) => {
    const [listed, more] = partsOf(operations)
    const link = `[each of them](docs/coverage.md#${title.toLowerCase()})`
    return [title, String(listed.length), more.length > 0 ? String(more.length) : '', link]
  })
  return renderTable(['API', 'Operations', 'Beyond the reference', ''], rows)
}

/**
 * Every operation of every dialect: whence it is known, and the test that proves it.
 * @param {readonly Dialect[]} dialects
 * @param {FixtureFilesOf} fixtureFilesOf
 * @returns {string} headings and tables in Markdown
 */
export function renderCoverage(dialects, fixtureFilesOf) {
  return dialects.map((dialect) => renderDialect(dialect, fixtureFilesOf(dialect.name))).join('\n\n')
}

/**
 * @param {Dialect} dialect
 * @param {import('../src/dialects/fixtures.ts').FixtureFile[]} files
 */
function renderDialect({ name, title, operations }, files) {
  const [listed, more] = partsOf(operations)
  const isCounted = listed.some(({ number }) => number !== undefined)
  /** @param {Operation} operation */
  const rowOf = (operation) => [
    operation.title,
    `\`${operation.method} ${operation.path}\``,
    knownFrom(operation),
    proofOf(name, operation, files),
  ]
  const head = ['Operation', 'Method and path', 'Known from', 'Proof']
  const rows = listed.map((operation) => [
    ...(isCounted ? [String(operation.number)] : []),
    ...rowOf(operation),
  ])
  const parts = [`## ${title}`, renderTable(isCounted ? ['No.', ...head] : head, rows)]
  if (more.length > 0) parts.push(`### ${title}: beyond the reference`, renderTable(head, more.map(rowOf)))
  return parts.join('\n\n')
}

/**
 * The operations of the vendor's reference, in its order, and the others.
 * @param {readonly Operation[]} operations
 * @returns {[listed: Operation[], more: Operation[]]}
 */
function partsOf(operations) {
  const isMore = (/** @type {Operation} */ { provenance }) => provenance === 'beyond the reference'
  const listed = operations.filter((operation) => !isMore(operation))
  return [listed.toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0)), operations.filter(isMore)]
}

/** @param {Operation} operation */
function knownFrom({ provenance = 'reference', sources = [] }) {
  if (provenance === 'beyond the reference') return sources.join(', ')
  return sources.length > 0 ? `${provenance}: ${sources.join(', ')}` : provenance
}

/**
 * The fixture of a success, which the contract tests run; where none can show one, a test that calls the operation.
 * @param {string} dialect
 * @param {Operation} operation
 * @param {import('../src/dialects/fixtures.ts').FixtureFile[]} files
 * @throws {Error} nothing proves an operation that is there
 */
function proofOf(dialect, { id, succeedsWith }, files) {
  for (const { file, fixtures } of files) {
    const proof = fixtures.find(({ operation, answer }) => operation === id && answer.status < 300)
    if (proof) return `[${file}](../src/dialects/${dialect}/fixtures/${file}): ${proof.name}`
  }
  const test = succeedsWith === undefined ? undefined : testOf(dialect, id)
  if (test === undefined) throw new Error(`nothing proves ${dialect} ${id}`)
  return `[${test.slice(test.lastIndexOf('/') + 1)}](../${test}): ${id}`
}

/**
 * The test of an operation that no fixture can show: among the servers that it needs, or the dialect's own that names it.
 * @param {string} dialect
 * @param {string} id
 */
function testOf(dialect, id) {
  const integrator = `test/system/${dialect}-integrator.test.ts`
  if (existsSync(new URL(integrator, root))) return integrator
  const own = `test/dialects/${dialect}/`
  const files = readdirSync(new URL(own, root)).map((name) => own + name)
  return files.find((file) => readFileSync(new URL(file, root), 'utf8').includes(`'${id}'`))
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 * @returns {string} a table in Markdown
 */
export function renderTable(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}
