import { readFileSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import type { Call, Harness } from './harness.ts'

/** A transcript of one call, kept beside its dialect with its source. */
export interface Fixture {
  name: string
  source: string
  operation: string
  /** Calls that must have happened before. */
  given?: readonly { dialect: string; operation: string; body: unknown }[]
  request: Pick<Call, 'params' | 'query' | 'body' | 'headers'>
  answer: { status: number; body: unknown }
}

const FOLDER = new URL('../../src/dialects/', import.meta.url)

/** Names of the dialect folders on disk. */
export function dialectFolders(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** Every fixture of a dialect. */
export function fixturesOf(dialect: string): Fixture[] {
  const folder = new URL(`${dialect}/fixtures/`, FOLDER)
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture[])
}

/** A call of a dialect that succeeds, for tests that bend it. */
export function goodFixture(dialect: string, operation: string): Fixture | undefined {
  return fixturesOf(dialect).find((fixture) => fixture.operation === operation && fixture.answer.status < 300)
}

/** A write of a dialect that succeeds; undefined for a dialect that has no writes. */
export function goodWrite(dialectName: string): Fixture | undefined {
  const dialect = dialects.find(({ name }) => name === dialectName)
  const writes = dialect?.operations.filter(({ method, open }) => method !== 'GET' && !open) ?? []
  return writes.map(({ id }) => goodFixture(dialectName, id)).find((fixture) => fixture !== undefined)
}

/** Runs a fixture and holds the answer against it. */
export async function runFixture(harness: Harness, dialect: string, fixture: Fixture): Promise<void> {
  for (const { dialect: before, operation, body } of fixture.given ?? []) {
    const reply = await harness.call(before, operation, { body })
    expect(reply.status, reply.text).toBeLessThan(300)
  }
  const reply = await harness.call(dialect, fixture.operation, fixture.request)
  expect(reply.body).toEqual(withMatchers(fixture.answer.body))
  expect(reply.status).toBe(fixture.answer.status)
}

const MATCHERS: Record<string, unknown> = {
  '@number': expect.any(Number),
  '@string': expect.any(String),
  '@time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
}

function withMatchers(value: unknown): unknown {
  if (typeof value === 'string') return MATCHERS[value] ?? value
  if (Array.isArray(value)) return value.map(withMatchers)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withMatchers(member)]))
}
