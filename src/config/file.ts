import { crossCheck } from './cross-checks.ts'
import { parseFile } from './parse.ts'
import type { Problem } from './problems.ts'
import { resolveReferences } from './references.ts'
import type { Environment } from './references.ts'
import type { ConfigFile } from './schema.ts'
import { emptyFile, validateFile } from './validate.ts'

/** What reading the configuration file gave. `file` may be used only when there are no problems. */
export interface FileReading {
  file: ConfigFile
  /** The file as text; empty when it could not be read. */
  text: string
  problems: readonly Problem[]
}

/** Reads a file as UTF-8 text; injected, so that tests need no disk. */
export type ReadFile = (path: string) => Promise<string>

/** A file, by the name that the operator gave it under, and how it is read. */
export interface FileSource {
  /** `--config` or `TRIBUTARY_CONFIG`, for errors. */
  key: string
  path: string
  readFile: ReadFile
}

/** Reads and checks the file in one go, so that all its errors are known at once. */
export async function readConfigFile(source: FileSource, env: Environment): Promise<FileReading> {
  const { text, problem } = await readText(source)
  if (problem) return { file: emptyFile(), text: '', problems: [problem] }
  const { value, problems } = parseFile(text)
  if (problems.length > 0)
    return { file: emptyFile(), text, problems: problems.map((one) => inFile(source, one)) }
  const unresolved = resolveReferences(value, env)
  // A text that is still `env:NAME` breaks rules of its key as well; once is enough.
  const unresolvedKeys = new Set(unresolved.map(({ key }) => key))
  const wrong = [...validateFile(value), ...crossCheck(value)].filter(({ key }) => !unresolvedKeys.has(key))
  return { file: value as ConfigFile, text, problems: [...unresolved, ...wrong] }
}

async function readText({ key, path, readFile }: FileSource): Promise<{ text: string; problem?: Problem }> {
  try {
    return { text: (await readFile(path)).replace(/^\uFEFF/, '') }
  } catch (error) {
    return { text: '', problem: { key, message: describeReadFailure(path, error) } }
  }
}

/** A sentence about a file that cannot be read; the operating system's code, none of the content. */
export function describeReadFailure(path: string, error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return `cannot read ${path}${typeof code === 'string' ? ` (${code})` : ''}`
}

function inFile({ path }: FileSource, { key, message }: Problem): Problem {
  return { key: `${path} ${key}`, message }
}
