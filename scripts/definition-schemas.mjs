// @ts-check
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'

const root = new URL('../', import.meta.url)

/** Where each schema is published, and where it is: a module of dist and its export. */
const schemas = [
  { path: 'docs/segment.schema.json', module: 'segment', name: 'SEGMENT_SCHEMA' },
  { path: 'docs/aggregate.schema.json', module: 'aggregate', name: 'AGGREGATE_SCHEMA' },
  { path: 'docs/expression.schema.json', module: 'expression', name: 'EXPRESSION_SCHEMA' },
]

/**
 * Writes the JSON Schemas of definitions, as the compiled server checks them, or compares. Needs dist.
 * @param {boolean} isCheck
 * @returns {Promise<string[]>} what is out of date
 */
export async function bringDefinitionSchemasUpToDate(isCheck) {
  const complaints = []
  for (const schema of schemas) complaints.push(...(await bringUpToDate(schema, isCheck)))
  return complaints
}

/**
 * @param {(typeof schemas)[number]} schema
 * @param {boolean} isCheck
 * @returns {Promise<string[]>}
 */
async function bringUpToDate({ path, module, name }, isCheck) {
  const file = new URL(path, root)
  const compiled = /** @type {Record<string, unknown>} */ (
    await import(new URL(`dist/model/${module}.js`, root).href)
  )
  const options = { ...(await resolveConfig(file)), parser: 'json' }
  const next = await format(JSON.stringify(compiled[name]), options)
  if (existsSync(file) && readFileSync(file, 'utf8') === next) return []
  if (isCheck) return [`${path}: is out of date; run "node scripts/docs.mjs"`]
  writeFileSync(file, next)
  console.log(`${path}: written`)
  return []
}
