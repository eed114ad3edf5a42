import { readFileSync, readdirSync } from 'node:fs'

/** A call that must have happened before a fixture's own. */
export interface GivenCall {
  dialect: string
  operation: string
  params?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: unknown
  /**
   * Values that its answer gives to what follows: name → JSON pointer (`''` for the whole answer), and behind a `#` a pattern of which the first group
   * counts; `"@name"` stands for the value. A pointer behind
   * `totp:` leads to a seed, and the value is its present code.
   */
  take?: Readonly<Record<string, string>>
  /** It is sent again and again until its answer holds these values: JSON pointer → value. */
  until?: Readonly<Record<string, unknown>>
}

/**
 * A transcript of one call, kept beside its dialect with its source. The contract tests run every fixture; the
 * OpenAPI documents show them as examples, so that no example is written twice or never run.
 */
export interface Fixture {
  name: string
  source: string
  operation: string
  /** Settings of the workspace that it needs. */
  settings?: Readonly<Record<string, unknown>>
  given?: readonly GivenCall[]
  /** `"@name"` stands for a taken value (`"@unique"` for a text, `"@uniqueEmail"` and `"@uniqueOther"` for addresses that no other run has), or for a value of the workspace that its dialect documents. */
  request: {
    params?: Record<string, string>
    query?: Record<string, string>
    body?: unknown
    headers?: Record<string, string>
  }
  /**
   * `"@number"`, `"@string"` and `"@time"` stand for any value of that type, `"@any"` for any value or null, where it is told how
   * far work in the background has come; a list that begins with `"@among"` for one that
   * has others beside its members; the body `''` for none.
   */
  answer: { status: number; body: unknown }
}

/** The fixtures of one file. */
export interface FixtureFile {
  /** Its name in the folder of fixtures. */
  file: string
  fixtures: readonly Fixture[]
}

/** Every fixture of a dialect, file by file, in the order of the files' names. */
export function fixtureFilesOf(dialect: string): FixtureFile[] {
  const folder = new URL(`${dialect}/fixtures/`, import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.sort().map((file) => {
    return { file, fixtures: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Fixture[] }
  })
}

/** Every fixture of a dialect. */
export function fixturesOf(dialect: string): Fixture[] {
  return fixtureFilesOf(dialect).flatMap(({ fixtures }) => fixtures)
}
