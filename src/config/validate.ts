import { compileCheck } from '../model/schema-check.ts'
import { keyOf } from './problems.ts'
import type { Problem } from './problems.ts'
import { CONFIG_SCHEMA } from './schema.ts'
import type { ConfigFile } from './schema.ts'

const check = compileCheck(CONFIG_SCHEMA)

/**
 * Holds a file against the schema and fills in its defaults, in place.
 * @returns all that is wrong; the file is a {@link ConfigFile} when that is nothing
 */
export function validateFile(file: unknown): Problem[] {
  return check(file).map(({ path, message }) => ({ key: keyOf(path) || 'the file', message }))
}

/** The file that leaves everything out. */
export function emptyFile(): ConfigFile {
  const file = {}
  check(file)
  return file as ConfigFile
}
