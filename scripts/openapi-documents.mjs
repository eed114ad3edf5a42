// @ts-check
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'

const root = new URL('../', import.meta.url)

const folder = new URL('docs/openapi/', root)

/**
 * Writes docs/openapi/<dialect>.json for every dialect of the registry, as the compiled server answers them, or
 * compares. A document whose dialect is gone is removed. Needs dist.
 * @param {boolean} isCheck
 * @returns {Promise<string[]>} what is out of date
 */
export async function bringOpenApiUpToDate(isCheck) {
  const documents = await renderDocuments()
  mkdirSync(folder, { recursive: true })
  const complaints = []
  for (const name of new Set([...documents.keys(), ...readdirSync(folder)])) {
    const [current, next] = [readIfThere(name), documents.get(name)]
    if (current === next) continue
    if (isCheck) complaints.push(`docs/openapi/${name}: is out of date; run "node scripts/docs.mjs"`)
    else write(name, next)
  }
  return complaints
}

/** @returns {Promise<Map<string, string>>} file name → formatted text */
async function renderDocuments() {
  const { dialects } = /** @type {typeof import('../src/dialects/index.ts')} */ (
    await importCompiled('dialects/index.js')
  )
  const { fixturesOf } = /** @type {typeof import('../src/dialects/fixtures.ts')} */ (
    await importCompiled('dialects/fixtures.js')
  )
  const { describeDialect } = /** @type {typeof import('../src/http/openapi/document.ts')} */ (
    await importCompiled('http/openapi/document.js')
  )
  const { VENDOR_SETTINGS } = /** @type {typeof import('../src/config/vendor-blocks.ts')} */ (
    await importCompiled('config/vendor-blocks.js')
  )
  const { settingsSchema } = /** @type {typeof import('../src/model/workspace-settings.ts')} */ (
    await importCompiled('model/workspace-settings.js')
  )
  const limits = { importBytesMax: 1024, uploadBytesMax: 1024, uploadTimeoutMs: 1 }
  const schemas = { workspaces: { settingsSchema: settingsSchema(VENDOR_SETTINGS) }, limits }
  const options = { ...(await resolveConfig(new URL('native.json', folder))), parser: 'json' }
  /** @type {Map<string, string>} */
  const documents = new Map()
  for (const dialect of dialects) {
    const document = await describeDialect(dialect, fixturesOf(dialect.name), schemas)
    documents.set(`${dialect.name}.json`, await format(JSON.stringify(document), options))
  }
  return documents
}

/**
 * @param {string} path below dist
 * @returns {Promise<unknown>} the compiled module
 */
async function importCompiled(path) {
  return import(new URL(`dist/${path}`, root).href)
}

/** @param {string} name */
function readIfThere(name) {
  try {
    return readFileSync(new URL(name, folder), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text undefined: no dialect has this document any more
 */
function write(name, text) {
  if (text === undefined) rmSync(new URL(name, folder))
  else writeFileSync(new URL(name, folder), text)
  console.log(`docs/openapi/${name}: ${text === undefined ? 'removed' : 'written'}`)
}
