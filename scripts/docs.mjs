// @ts-check
// Writes the generated parts of the documents from the compiled code: settings, exit codes, coverage, OpenAPI,
// the schemas of definitions, the sdk, and from the lock file what the product is made of.
// `node scripts/docs.mjs` writes them; `--check` compares, names each document that is out of date and exits 1.
// Both hold the headings of docs/errors.md against the error table. Needs dist (`npm run build`).
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { renderCoverage, renderCoverageSummary, renderTable } from './coverage.mjs'
import { bringOpenApiUpToDate } from './openapi-documents.mjs'
import { bringDefinitionSchemasUpToDate } from './definition-schemas.mjs'
import { bringSdkUpToDate } from './sdk-sources.mjs'
import { bringSupplyChainUpToDate } from './supply-chain.mjs'

const root = new URL('../', import.meta.url)

/**
 * The part of a JSON Schema that the tables show.
 * @typedef {object} Schema
 * @property {string | string[]} [type]
 * @property {string} [description]
 * @property {unknown} [default]
 * @property {unknown[]} [enum]
 * @property {string} [format]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [minLength]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 */

/** @type {{ path: string, sections: Record<string, () => Promise<string>> }[]} */
const documents = [
  { path: 'docs/operations.md', sections: { settings: renderSettings, 'exit-codes': renderExitCodes } },
  { path: 'README.md', sections: { coverage: renderSummary } },
  { path: 'docs/coverage.md', sections: { coverage: renderWhole } },
  { path: 'src/dialects/synerise/README.md', sections: { inferred: renderInferred } },
]

process.exitCode = await main(process.argv.includes('--check'))

/**
 * @param {boolean} isCheck
 * @returns {Promise<number>} exit code
 */
async function main(isCheck) {
  const complaints = []
  for (const document of documents) complaints.push(...(await bringUpToDate(document, isCheck)))
  complaints.push(
    ...(await bringOpenApiUpToDate(isCheck)),
    ...(await bringDefinitionSchemasUpToDate(isCheck)),
    ...(await bringSdkUpToDate(isCheck)),
    ...(await bringSupplyChainUpToDate(isCheck)),
  )
  complaints.push(...(await compareErrorHeadings()))
  for (const complaint of complaints) console.error(complaint)
  return complaints.length > 0 ? 1 : 0
}

/**
 * @param {(typeof documents)[number]} document
 * @param {boolean} isCheck
 * @returns {Promise<string[]>} what is wrong, or what could not be written
 */
async function bringUpToDate({ path, sections }, isCheck) {
  const file = new URL(path, root)
  if (!existsSync(file)) return [`${path}: is missing`]
  const current = readFileSync(file, 'utf8')
  let next = current
  for (const [name, render] of Object.entries(sections)) {
    if (!sectionPattern(name).test(next))
      return [`${path}: has no markers ${openMark(name)} … ${closeMark(name)}`]
    const text = `${openMark(name)}\n\n${await render()}\n\n${closeMark(name)}`
    next = next.replace(sectionPattern(name), () => text)
  }
  next = await format(next, { ...(await resolveConfig(file)), parser: 'markdown' })
  if (next === current) return []
  if (isCheck) return [`${path}: is out of date; run "node scripts/docs.mjs"`]
  writeFileSync(file, next)
  console.log(`${path}: written`)
  return []
}

/** @param {string} name */
function openMark(name) {
  return `<!-- generated:${name} -->`
}

/** @param {string} name */
function closeMark(name) {
  return `<!-- /generated:${name} -->`
}

/** @param {string} name */
function sectionPattern(name) {
  return new RegExp(`${openMark(name)}[^]*?${closeMark(name)}`)
}

/**
 * @param {string} path below dist
 * @returns {Promise<unknown>} the compiled module
 */
async function importCompiled(path) {
  return import(new URL(`dist/${path}`, root).href)
}

async function renderSettings() {
  const [environment, file] = await Promise.all([renderEnvironment(), renderFile()])
  return `### Environment and command line\n\n${environment}\n\n### Configuration file\n\n${file}`
}

async function renderEnvironment() {
  const module = await importCompiled('config/environment.js')
  const { ENVIRONMENT } = /** @type {typeof import('../src/config/environment.ts')} */ (module)
  const rows = Object.entries(ENVIRONMENT).map(([name, variable]) => {
    const option = 'option' in variable ? `\`${variable.option}\`` : ''
    return [`\`${name}\``, option, variable.default, variable.description]
  })
  return renderTable(['Variable', 'Option', 'Default', 'Meaning'], rows)
}

async function renderFile() {
  const schemaModule = await importCompiled('config/schema.js')
  const { CONFIG_SCHEMA } = /** @type {typeof import('../src/config/schema.ts')} */ (schemaModule)
  const formatsModule = await importCompiled('model/formats.js')
  const { FORMATS } = /** @type {typeof import('../src/model/formats.ts')} */ (formatsModule)
  // Its own type says more than the tables need.
  const schema = /** @type {Schema} */ (/** @type {unknown} */ (CONFIG_SCHEMA))
  const tables = Object.entries(schema.properties ?? {}).map(([key, section]) => {
    const rows = rowsOf(section, section.items ? `${key}[]` : key, FORMATS)
    return `#### \`${key}\`\n\n${section.description}\n\n${renderTable(['Key', 'Value', 'Default', 'Meaning'], rows)}`
  })
  return tables.join('\n\n')
}

/** @typedef {Readonly<Record<string, { rule: string }>>} Formats */

/**
 * A row for each key below an object or a list of objects, parents before their children.
 * @param {Schema} schema
 * @param {string} path
 * @param {Formats} formats
 * @returns {string[][]}
 */
function rowsOf(schema, path, formats) {
  const { properties = {}, required = [] } = schema.items ?? schema
  return Object.entries(properties).flatMap(([key, child]) => {
    const childPath = `${path}.${key}`
    const standard = defaultOf(child, required.includes(key))
    const row = [`\`${childPath}\``, typeOf(child, formats), standard, child.description ?? '']
    const below = child.items?.properties ? `${childPath}[]` : childPath
    return [row, ...rowsOf(child, below, formats)]
  })
}

/**
 * @param {Schema} schema
 * @param {Formats} formats
 * @returns {string}
 */
function typeOf(schema, formats) {
  const { items, format: name, minimum, maximum, minLength } = schema
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (items) return `list of: ${typeOf(items, formats)}`
  if (schema.properties) return 'object'
  const orNull = Array.isArray(schema.type) ? ', or `null`' : ''
  if (name) return (formats[name]?.rule ?? name).replace(/^must be /, '') + orNull
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`
  return minLength === undefined ? 'text' : `at least ${minLength} characters`
}

/**
 * @param {Schema} schema
 * @param {boolean} isRequired
 */
function defaultOf(schema, isRequired) {
  if (schema.default !== undefined) return `\`${JSON.stringify(schema.default)}\``
  return isRequired ? 'required' : 'none'
}

async function renderExitCodes() {
  const module = await importCompiled('config/exit-codes.js')
  const { EXIT_STATUSES, EXIT_CODES } = /** @type {typeof import('../src/config/exit-codes.ts')} */ (module)
  const rows = Object.values(EXIT_STATUSES).map(({ code, meaning }) => {
    const errors = Object.entries(EXIT_CODES).filter(([, exitCode]) => exitCode === code)
    return [
      String(code),
      meaning,
      errors.map(([error]) => `[${error}](errors.md#${error.toLowerCase()})`).join(', '),
    ]
  })
  return renderTable(['Exit code', 'Meaning', 'Errors'], rows)
}

/** @returns {Promise<readonly import('../src/dialects/index.ts').Dialect[]>} */
async function importDialects() {
  const module = await importCompiled('dialects/index.js')
  return /** @type {typeof import('../src/dialects/index.ts')} */ (module).dialects
}

async function renderSummary() {
  return renderCoverageSummary(await importDialects())
}

async function renderWhole() {
  const module = await importCompiled('dialects/fixtures.js')
  const { fixtureFilesOf } = /** @type {typeof import('../src/dialects/fixtures.ts')} */ (module)
  return renderCoverage(await importDialects(), fixtureFilesOf)
}

/** The operations of Synerise whose method and path nobody prints. */
async function renderInferred() {
  const module = await importCompiled('dialects/synerise/inferred.js')
  const { INFERRED } = /** @type {typeof import('../src/dialects/synerise/inferred.ts')} */ (module)
  const rows = Object.entries(INFERRED).map(([id, { route, because }]) => [id, `\`${route}\``, because])
  return renderTable(['operation', 'method and path', 'because'], rows)
}

/** docs/errors.md is written by hand; it has exactly one section for each code of the error table. */
async function compareErrorHeadings() {
  const path = 'docs/errors.md'
  if (!existsSync(new URL(path, root))) return [`${path}: is missing`]
  const module = await importCompiled('model/errors.js')
  const { ERRORS } = /** @type {typeof import('../src/model/errors.ts')} */ (module)
  const text = readFileSync(new URL(path, root), 'utf8')
  const headings = [...text.matchAll(/^### (CDP_\w+)$/gm)].map(([, code = '']) => code)
  const codes = Object.keys(ERRORS)
  return [
    ...codes.filter((code) => !headings.includes(code)).map((code) => `${path}: has no section for ${code}`),
    ...headings
      .filter((code) => !codes.includes(code))
      .map((code) => `${path}: ${code} is not an error code`),
    ...headings
      .filter((code, index) => headings.indexOf(code) !== index)
      .map((code) => `${path}: has ${code} twice`),
  ]
}
