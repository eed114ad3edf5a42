import { generateSync } from 'json-schema-faker'
import type { Fixture } from '../../../src/dialects/fixtures.ts'
import { fixturesOf } from '../../../src/dialects/fixtures.ts'
import type { Harness } from '../../contract/harness.ts'
import { prepareFixture } from '../../contract/fixtures.ts'
import { mutate, textOf, treeOf } from './json-tree.ts'
import type { DescribedRequest } from './operations.ts'
import type { AddressMutation, ByteMutation, Plan, Shown } from './plans.ts'
import type { WireRequest } from './wire.ts'

/** An operation with good requests that can be bent. */
export interface Target extends DescribedRequest {
  bases: Fixture['request'][]
}

/**
 * The good requests of every operation, after all that must come before them.
 * @param most so many of each operation; further ones cost time and look much like the first
 */
export async function openTargets(
  harness: Harness,
  described: readonly DescribedRequest[],
  most: number,
): Promise<Target[]> {
  const targets: Target[] = []
  for (const each of described) {
    const fixtures = fixturesOf(each.dialect)
      .filter(({ operation, settings }) => operation === each.operation.id && !settings)
      .toSorted((a, b) => a.answer.status - b.answer.status)
    const bases: Fixture['request'][] = []
    for (const fixture of fixtures.slice(0, most))
      bases.push((await prepareFixture(harness, fixture)).request)
    targets.push({ ...each, bases: bases.length > 0 ? bases : [{}] })
  }
  return targets
}

/** The request that a plan makes of the operations. */
export function requestOf(plan: Plan, targets: readonly Target[], harness: Harness): WireRequest {
  const target = targets[plan.operation]!
  const { dialect, operation } = target
  const base = target.bases[plan.base % target.bases.length]!
  const own = addressFor(harness, dialect, plan.shown)
  const body = bodyOf(plan, target, base, own.params)
  const type = plan.contentType === undefined ? 'application/json' : plan.contentType
  const headers = {
    ...(body !== undefined && type !== null && { 'content-type': type }),
    ...own.headers,
    ...base.headers,
    ...plan.headers,
  }
  const { method, url } = bendAddress(plan.address, target, { ...own.params, ...base.params }, base.query)
  // What Node's client refuses to send is for the tests of raw sockets.
  const sendable = url.replaceAll(/[^\u0021-\u00ff]/g, '')
  // What is no HTTP is answered with a body, which no client expects of a HEAD.
  const path = method === 'HEAD' ? sendable.replaceAll(/[^\u0021-\u007e]/g, '') : sendable
  return { dialect, operation: operation.id, method, target: path, headers, body }
}

function addressFor(
  harness: Harness,
  dialect: string,
  shown: Shown,
): { headers: Record<string, string>; params: Record<string, string> } {
  const { headers, params } = harness.credentialOf(dialect, shown === 'other' ? 'Second' : 'First')
  if (shown === 'own' || shown === 'other') return { headers, params }
  const { authorization: _left, 'x-yotpo-token': _token, ...others } = headers
  const wrong = { ...params, ...('apptoken' in params && { apptoken: shown === 'none' ? '' : 'wrong' }) }
  return {
    headers:
      shown === 'none' ? others : { ...headers, authorization: 'Bearer wrong', 'x-yotpo-token': 'wrong' },
    params: wrong,
  }
}

function bodyOf(
  plan: Plan,
  { body: schema, operation }: Target,
  base: Fixture['request'],
  params: Readonly<Record<string, string>>,
): string | Buffer | undefined {
  const isBodiless = schema === undefined && base.body === undefined
  // A body where none belongs is bad input too.
  if (isBodiless && (operation.method === 'GET' || plan.at % 4 > 0)) return undefined
  const value = plan.schemaSeed !== null && schema ? generated(schema, plan.schemaSeed) : (base.body ?? {})
  const tree = plan.tree.reduce(mutate, treeOf(value))
  const text = Object.entries(params).reduce(
    (filled, [name, own]) => filled.replaceAll(`"@${name}"`, JSON.stringify(own)),
    textOf(tree),
  )
  return bendBytes(text, plan.bytes, plan.at)
}

/** Generated bodies by schema and seed: making one costs more than sending ten. */
const generatedBodies = new WeakMap<object, Map<number, unknown>>()
const BODIES_OF_A_SCHEMA = 12

function generated(schema: object, random: number): unknown {
  const seed = random % BODIES_OF_A_SCHEMA
  const known = generatedBodies.get(schema) ?? new Map<number, unknown>()
  generatedBodies.set(schema, known)
  // Deeper, a schema that holds itself grows to megabytes; deep bodies are made by mutation.
  const options = { seed, optionalsProbability: 0.4, maxDefaultItems: 2, maxDepth: 2 }
  if (!known.has(seed)) known.set(seed, generateSync(schema as Parameters<typeof generateSync>[0], options))
  return known.get(seed)
}

function bendBytes(text: string, mutation: ByteMutation, at: number): string | Buffer {
  const cut = at % Math.max(1, text.length)
  switch (mutation) {
    case 'none':
      return text
    case 'cut':
      return text.slice(0, cut)
    case 'bom':
      return `\ufeff${text}`
    case 'utf-16':
      return Buffer.from(text, 'utf16le')
    case 'latin-1':
      return Buffer.from(text.replace(/[a-z]/, '\u00fc'), 'latin1')
    case 'not-utf-8':
      return Buffer.concat([
        Buffer.from(text.slice(0, cut)),
        Buffer.from([0xed, 0xa0, 0x80]),
        Buffer.from(text.slice(cut)),
      ])
    case 'empty':
      return ''
    case 'tail':
      return `${text}${text}`
    case 'form':
      return 'a=b&c=%00'
    case 'nul':
      return `${text.slice(0, cut)}\u0000${text.slice(cut)}`
    case 'comment':
      return `/* a */${text.replaceAll('"', "'")}`
  }
}

function bendAddress(
  mutations: readonly AddressMutation[],
  { operation, query: known }: Target,
  params: Readonly<Record<string, string>>,
  baseQuery: Readonly<Record<string, string>> = {},
): { method: string; url: string } {
  const odd = mutations.filter((each) => each.kind === 'segment')
  const names = [...operation.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const texts = names.map((name) => encodeURIComponent(params[name] ?? '1'))
  for (const { at, text } of odd) if (texts.length > 0) texts[at % texts.length] = text
  let index = 0
  const path = operation.path.replaceAll(/:\w+/g, () => texts[index++] ?? '')
  const hasQuery = !mutations.some(({ kind }) => kind === 'no-query')
  const pieces = hasQuery ? [new URLSearchParams(baseQuery).toString()] : []
  for (const each of mutations)
    if (each.kind === 'query')
      pieces.push(...Array<string>(each.times).fill(`${nameFor(each, known)}=${each.value}`))
  const query = pieces.filter((piece) => piece !== '').join('&')
  const suffix = mutations.find((each) => each.kind === 'suffix')?.text ?? ''
  const method = mutations.find((each) => each.kind === 'method')?.method ?? operation.method
  return { method, url: `${path}${suffix}${query === '' ? '' : `?${query}`}` }
}

/** Mostly a name that the operation reads. */
function nameFor({ at, name }: { at: number; name: string }, known: readonly string[]): string {
  return known.length > 0 && at % 4 > 0 ? (known[at % known.length] ?? name) : name
}
