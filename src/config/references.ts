import { leavesOf } from './leaves.ts'
import { keyOf } from './problems.ts'
import type { Problem } from './problems.ts'

const PREFIX = 'env:'
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A process environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Puts the variables' values in place of every text `env:NAME`, so that no secret needs to stand in the file.
 * A value is taken as it is: it is not looked at for another `env:`.
 * @returns what could not be found, naming key and variable
 */
export function resolveReferences(file: unknown, env: Environment): Problem[] {
  return leavesOf(file).flatMap(({ path, text, replace }) => {
    if (!text.startsWith(PREFIX)) return []
    const name = text.slice(PREFIX.length)
    const key = keyOf(path)
    if (!VARIABLE.test(name)) return [{ key, message: 'env: must be followed by the name of a variable' }]
    const value = env[name]
    if (value === undefined) return [{ key, message: `the environment variable ${name} is not set` }]
    replace(value)
    return []
  })
}

/** Whether the text of a file refers to the variable; also true of a file that is not valid JSON. */
export function refersTo(fileText: string, name: string): boolean {
  return fileText.includes(`"${PREFIX}${name}"`)
}
