import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { Secret, TOTP } from 'otpauth'
import { expect } from 'vitest'
import { fixturesOf } from '../../src/dialects/fixtures.ts'
import type { Fixture } from '../../src/dialects/fixtures.ts'
import { dialects } from '../../src/dialects/index.ts'
import { pointerTokens } from '../../src/lib/json.ts'
import type { Harness, Reply } from './harness.ts'

/** Names of the dialect folders on disk. */
export function dialectFolders(): string[] {
  return readdirSync(new URL('../../src/dialects/', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** A call of a dialect that succeeds, for tests that bend it. */
export function goodFixture(dialect: string, operation: string): Fixture | undefined {
  return fixturesOf(dialect).find((fixture) => fixture.operation === operation && fixture.answer.status < 300)
}

/** A write of a dialect that succeeds with the dialect's own credential; undefined for a dialect that has none. */
export function goodWrite(dialectName: string): Fixture | undefined {
  const dialect = dialects.find(({ name }) => name === dialectName)
  const writes = dialect?.operations.filter(({ method, open }) => method !== 'GET' && !open) ?? []
  return writes.map(({ id }) => goodFixture(dialectName, id)).find((fixture) => fixture && !fixture.given)
}

/** Runs a fixture and holds the answer against it. */
export async function runFixture(harness: Harness, dialect: string, fixture: Fixture): Promise<void> {
  const { reply, taken } = await replayFixture(harness, dialect, fixture)
  expect(reply.body).toEqual(withMatchers(withTaken(fixture.answer.body, taken)))
  expect(reply.status).toBe(fixture.answer.status)
}

/** Runs a fixture and what must come before it; `headers` go with its own call. */
export async function replayFixture(
  harness: Harness,
  dialect: string,
  fixture: Fixture,
  headers: Record<string, string> = {},
): Promise<{ reply: Reply; taken: Record<string, unknown> }> {
  const taken: Record<string, unknown> = { unique: randomUUID() }
  for (const { dialect: before, operation, take = {}, ...sent } of fixture.given ?? []) {
    const reply = await harness.call(before, operation, withTaken(sent, taken) as Fixture['request'])
    expect(reply.status, reply.text).toBeLessThan(300)
    for (const [name, pointer] of Object.entries(take)) taken[name] = valueAt(reply.body, pointer)
  }
  const request = withTaken(fixture.request, taken) as Fixture['request']
  const call = { ...request, headers: { ...request.headers, ...headers } }
  return { reply: await harness.call(dialect, fixture.operation, call), taken }
}

function valueAt(body: unknown, pointer: string): unknown {
  if (pointer.startsWith('totp:')) {
    const seed = String(valueAt(body, pointer.slice('totp:'.length)))
    return new TOTP({ secret: Secret.fromBase32(seed) }).generate()
  }
  const value = pointerTokens(pointer.slice(1)).reduce<unknown>(
    (at, token) => (at as Record<string, unknown> | undefined)?.[token],
    body,
  )
  if (value === undefined) throw new Error(`the answer has nothing at ${pointer}`)
  return value
}

/** `"@name"` becomes the value that was taken under this name, also behind `Bearer`; anything else stays. */
function withTaken(value: unknown, taken: Readonly<Record<string, unknown>>): unknown {
  return mapTexts(value, (text) => {
    const [, scheme = '', name = ''] = /^(Bearer )?@(\w+)$/.exec(text) ?? []
    const found = taken[name]
    return scheme !== '' && typeof found === 'string' ? scheme + found : (found ?? text)
  })
}

const MATCHERS: Record<string, unknown> = {
  '@number': expect.any(Number),
  '@string': expect.any(String),
  '@time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
}

/** What an answer must equal: placeholders stand for any value of their type. */
export function withMatchers(value: unknown): unknown {
  return mapTexts(value, (text) => MATCHERS[text] ?? text)
}

/** The value with every text in it replaced. */
export function mapTexts(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, replace))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapTexts(member, replace)]))
}
