// @ts-check
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'

const root = new URL('../', import.meta.url)

const path = 'docs/segment.schema.json'

/**
 * Writes the JSON Schema of definitions of segments, as the compiled server checks them, or compares. Needs dist.
 * @param {boolean} isCheck
 * @returns {Promise<string[]>} what is out of date
 */
export async function bringSegmentSchemaUpToDate(isCheck) {
  const file = new URL(path, root)
  const { SEGMENT_SCHEMA } = /** @type {typeof import('../src/model/segment.ts')} */ (
    await import(new URL('dist/model/segment.js', root).href)
  )
  const options = { ...(await resolveConfig(file)), parser: 'json' }
  const next = await format(JSON.stringify(SEGMENT_SCHEMA), options)
  if (existsSync(file) && readFileSync(file, 'utf8') === next) return []
  if (isCheck) return [`${path}: is out of date; run "node scripts/docs.mjs"`]
  writeFileSync(file, next)
  console.log(`${path}: written`)
  return []
}
