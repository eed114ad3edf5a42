import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { Secret, TOTP } from 'otpauth'
import { expect } from 'vitest'
import { fixturesOf } from '../../src/dialects/fixtures.ts'
import type { Fixture } from '../../src/dialects/fixtures.ts'
import { dialects } from '../../src/dialects/index.ts'
import { DEFAULT_SETTINGS } from '../../src/core/workspaces/index.ts'
import { pointerTokens } from '../../src/lib/json.ts'
import { expectDeclaredShape } from './answer-shapes.ts'
import { findDialect } from './harness.ts'
import type { Call, Harness, Reply } from './harness.ts'
import { eventually } from '../setup/eventually.ts'

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

/** The write that stands for a dialect where the first one is not about a profile. */
const WRITES: Readonly<Record<string, string>> = {
  synerise: 'create-client',
  // Its import has its user ids in rows, where the tests do not look for them.
  xtremepush: 'hit-event',
  yotpo: 'write-customer',
}

/** A write of a dialect that succeeds; undefined for a dialect that has no writes. */
export function goodWrite(dialectName: string): Fixture | undefined {
  const dialect = dialects.find(({ name }) => name === dialectName)
  const wanted = WRITES[dialectName]
  const writes =
    dialect?.operations.filter(
      ({ id, method, open }) => method !== 'GET' && !open && (wanted === undefined || id === wanted),
    ) ?? []
  return writes.map(({ id }) => goodFixture(dialectName, id)).find((fixture) => fixture !== undefined)
}

/** Runs a fixture and holds the answer against it. */
export async function runFixture(harness: Harness, dialect: string, fixture: Fixture): Promise<void> {
  const { reply, taken } = await replayFixture(harness, dialect, fixture)
  expect(reply.body).toEqual(withMatchers(withTaken(fixture.answer.body, taken)))
  expect(reply.status).toBe(fixture.answer.status)
  expectDeclaredShape(findDialect(dialect), fixture.operation, reply)
}

/** Runs a fixture and what must come before it; `headers` go with its own call. */
export async function replayFixture(
  harness: Harness,
  dialect: string,
  fixture: Fixture,
  headers: Record<string, string> = {},
): Promise<{ reply: Reply; taken: Record<string, unknown> }> {
  const { request, taken } = await prepareFixture(harness, fixture)
  const call = { ...request, headers: { ...request.headers, ...headers } }
  const reply = await harness.call(dialect, fixture.operation, call)
  if (fixture.settings) await harness.setSettings({ ...DEFAULT_SETTINGS })
  return { reply, taken }
}

/** What a fixture sends, once all that must come before has happened. */
export async function prepareFixture(
  harness: Harness,
  fixture: Fixture,
): Promise<{ request: Fixture['request']; taken: Record<string, unknown> }> {
  if (fixture.settings) await harness.setSettings(fixture.settings)
  const unique = randomUUID()
  const taken: Record<string, unknown> = {
    unique,
    uniqueEmail: `${unique}@example.com`,
    uniqueOther: `${unique}@example.org`,
  }
  for (const { dialect: before, operation, take = {}, until = {}, ...sent } of fixture.given ?? []) {
    const send = async (): Promise<Reply> => {
      const reply = await harness.call(before, operation, withTaken(sent, taken) as Call)
      expect(reply.status, reply.text).toBeLessThan(300)
      for (const [place, value] of Object.entries(until)) expect(valueAt(reply.body, place)).toEqual(value)
      return reply
    }
    const isAwaited = Object.keys(until).length > 0
    const reply = await (isAwaited ? eventually(send) : send())
    for (const [name, place] of Object.entries(take)) taken[name] = takeFrom(reply.body, place)
  }
  return { request: withTaken(fixture.request, taken) as Fixture['request'], taken }
}

/** What a pointer leads to or, behind a `#`, what a pattern finds in that text. */
function takeFrom(body: unknown, place: string): unknown {
  const [pointer = '', pattern] = place.split('#')
  const value = valueAt(body, pointer)
  if (pattern === undefined) return value
  const [, found] = new RegExp(pattern).exec(String(value)) ?? []
  if (found === undefined) throw new Error(`${pattern} is not in ${String(value)}`)
  return found
}

function valueAt(body: unknown, pointer: string): unknown {
  if (pointer === '') return body
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
  '@any': { asymmetricMatch: () => true },
  '@number': expect.any(Number),
  '@string': expect.any(String),
  '@time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
}

/** What an answer must equal: placeholders stand for any value of their type. */
export function withMatchers(value: unknown): unknown {
  return mapTexts(value, (text) => MATCHERS[text] ?? text, matchAmong)
}

function matchAmong(list: unknown[]): unknown {
  return list[0] === '@among' ? expect.arrayContaining(list.slice(1)) : list
}

/** The value with every text in it replaced, and then every list. */
export function mapTexts(
  value: unknown,
  replace: (text: string) => unknown,
  replaceList: (list: unknown[]) => unknown = (list) => list,
): unknown {
  const map = (member: unknown): unknown => mapTexts(member, replace, replaceList)
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return replaceList(value.map(map))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, map(member)]))
}
