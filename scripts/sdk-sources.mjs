// @ts-check
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'

const document = fileURLToPath(new URL('../docs/openapi/native.json', import.meta.url))

const folder = fileURLToPath(new URL('../sdk/src/generated/', import.meta.url))

/**
 * Writes sdk/src/generated from docs/openapi/native.json, or compares. The document must be up to date already.
 * @param {boolean} isCheck
 * @returns {Promise<string[]>} what is out of date
 */
export async function bringSdkUpToDate(isCheck) {
  const fresh = mkdtempSync(join(tmpdir(), 'tributary-sdk-'))
  try {
    await generate(fresh)
    if (sameFiles(fresh, folder)) return []
    if (isCheck) return ['sdk/src/generated: is out of date; run "node scripts/docs.mjs"']
    rmSync(folder, { recursive: true, force: true })
    cpSync(fresh, folder, { recursive: true })
    console.log('sdk/src/generated: written')
    return []
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** @param {string} path */
async function generate(path) {
  await createClient({
    input: document,
    output: { path, importFileExtension: '.ts' },
    plugins: ['@hey-api/typescript', '@hey-api/client-fetch', '@hey-api/sdk'],
    logs: { level: 'silent' },
  })
}

/**
 * @param {string} one
 * @param {string} other
 */
function sameFiles(one, other) {
  const [names, others] = [filesOf(one), filesOf(other)]
  if (names.join() !== others.join()) return false
  return names.every((name) => readFileSync(join(one, name)).equals(readFileSync(join(other, name))))
}

/** @param {string} path */
function filesOf(path) {
  try {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(path, join(entry.parentPath, entry.name)))
      .sort()
  } catch {
    return []
  }
}
