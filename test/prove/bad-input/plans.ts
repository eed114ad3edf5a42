import fc from 'fast-check'
import { oddJson, oddName, oddQueryValue, oddSegment } from './odd-values.ts'
import { ODD_HEADERS } from './odd-headers.ts'
import type { TreeMutation } from './json-tree.ts'

/** Whose credential a request shows. */
export type Shown = 'own' | 'none' | 'wrong' | 'other'

/** How the bytes of a body are bent once it is text. */
export type ByteMutation =
  'none' | 'cut' | 'bom' | 'utf-16' | 'latin-1' | 'not-utf-8' | 'empty' | 'tail' | 'form' | 'nul' | 'comment'

/** How an address is bent. */
export type AddressMutation =
  | { kind: 'segment'; at: number; text: string }
  | { kind: 'suffix'; text: string }
  | { kind: 'query'; at: number; name: string; value: string; times: number }
  | { kind: 'no-query' }
  | { kind: 'method'; method: string }

/** Everything that is decided by chance about one request; a plan and the operations make the request. */
export interface Plan {
  operation: number
  /** Which of the operation's good requests is bent. */
  base: number
  /** The body comes out of the schema with this seed, where the operation has one, instead of the good request. */
  schemaSeed: number | null
  tree: TreeMutation[]
  bytes: ByteMutation
  /** Where text is cut. */
  at: number
  contentType: string | null | undefined
  address: AddressMutation[]
  headers: Record<string, string>
  shown: Shown
}

const at = fc.nat({ max: 0xffff })

/** How a body is bent, by chance. */
export const treeMutation: fc.Arbitrary<TreeMutation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('replace'), at, raw: oddJson }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('drop'), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename'), at, name: oddName }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('repeat'), at, raw: fc.option(oddJson, { nil: undefined }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add'), at, name: oddName, raw: oddJson }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resize'),
      at,
      length: fc.constantFrom(0, 1, 2, 11, 25, 26, 50, 51, 100, 101, 501, 1_001),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wrap'), at, depth: fc.constantFrom(1, 9, 32, 33, 10_000) }),
  },
)

const addressMutation: fc.Arbitrary<AddressMutation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('segment'), at, text: oddSegment }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('suffix'),
      text: fc.constantFrom('/', '//', '/x', '%2F', '?', '#'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('query'),
      at,
      name: fc.constantFrom('', 'a', 'limit', '__proto__', 'a[]', 'a[b]', '%00', '%zz', 'q'.repeat(500)),
      value: oddQueryValue,
      times: fc.constantFrom(1, 1, 1, 2, 100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('no-query') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('method'),
      method: fc.constantFrom(
        'GET',
        'POST',
        'PUT',
        'PATCH',
        'DELETE',
        'HEAD',
        'OPTIONS',
        'TRACE',
        'PROPFIND',
        'QUERY',
        'SEARCH',
      ),
    }),
  },
)

const oddHeader = fc
  .constantFrom(...Object.keys(ODD_HEADERS))
  .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...(ODD_HEADERS[name] ?? ['']))))

/** Undefined: the one of the body; null: none. */
const contentType = fc.oneof(
  { weight: 20, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      null,
      '',
      'text/plain',
      'application/json; charset=utf-16',
      'application/json; charset=iso-8859-1',
      'json',
      'application/json; charset="',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/xml',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=x',
      'application/json, application/json',
      'application/vnd.api+json',
      'APPLICATION/JSON',
      'application/merge-patch+json',
      'text/csv',
      'application/x-ndjson',
      `application/json; a=${'b'.repeat(4_000)}`,
      'application/json\u00ff',
      '/',
      '*/*',
      'application/',
    ),
  },
)

const byteMutation: fc.Arbitrary<ByteMutation> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('none') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'cut',
      'bom',
      'utf-16',
      'latin-1',
      'not-utf-8',
      'empty',
      'tail',
      'form',
      'nul',
      'comment',
    ),
  },
)

const shown: fc.Arbitrary<Shown> = fc.oneof(
  { weight: 20, arbitrary: fc.constant('own') },
  { weight: 1, arbitrary: fc.constantFrom('none', 'wrong', 'other') },
)

const seldom = <Value>(arbitrary: fc.Arbitrary<Value>, most: number): fc.Arbitrary<Value[]> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Value[]>([]) },
    { weight: 1, arbitrary: fc.array(arbitrary, { minLength: 1, maxLength: most }) },
  )

const plan: fc.Arbitrary<Omit<Plan, 'operation'>> = fc.record({
  base: fc.nat({ max: 63 }),
  schemaSeed: fc.option(fc.nat(), { nil: null, freq: 2 }),
  tree: fc.array(treeMutation, { maxLength: 3 }),
  bytes: byteMutation,
  at,
  contentType,
  address: seldom(addressMutation, 2),
  headers: seldom(oddHeader, 2).map((entries) => Object.fromEntries(entries)),
  shown,
})

/**
 * The plans of a chunk, always the same for a seed. Operations take turns, so that none is left to chance.
 * @param seed of the whole run @param from number of the first request
 */
export function plansOf(seed: number, from: number, count: number, operations: number): Plan[] {
  return fc
    .sample(plan, { seed: seed + from, numRuns: count })
    .map((each, index) => ({ ...each, operation: (from + index) % operations }))
}
