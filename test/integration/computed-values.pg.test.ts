import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inlineComputed } from '../../src/core/computed/index.ts'
import { readComputed } from '../../src/core/computed/read-computed.ts'
import type { Json } from '../../src/lib/json.ts'
import type { Computed } from '../../src/model/computed.ts'
import { AGGREGATE_SCHEMA } from '../../src/model/aggregate.ts'
import { EXPRESSION_SCHEMA, EXPRESSION_WHOLE } from '../../src/model/expression.ts'
import type { Expression } from '../../src/model/expression.ts'
import { compileCheck } from '../../src/model/schema-check.ts'
import { findComputedValues, valueOf as valueSql } from '../../src/storage/segments/computed.ts'
import { Statement } from '../../src/storage/segments/statement.ts'
import { MAJORS, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { anyWorld } from '../setup/segments/arbitraries.ts'
import { anyComputed } from '../setup/segments/arbitrary-computed.ts'
import { valueOf } from '../setup/segments/evaluate-computed.ts'
import type { Reference, Value } from '../setup/segments/evaluate-expression.ts'
import { COMPUTED_EXAMPLES } from '../setup/segments/computed-examples.ts'
import { ANNA, READING as EXAMPLES_READING, JAN, OLD_ANNA, SHOP, WORLD } from '../setup/segments/examples.ts'
import { READING } from '../setup/segments/odd-values.ts'
import { numberIn } from '../setup/segments/passes.ts'
import { storedForm } from '../setup/segments/stored-form.ts'
import { subjectOf } from '../setup/segments/subjects.ts'
import { openWorlds } from '../setup/segments/world.ts'
import type { WorldEvent } from '../setup/segments/world.ts'

describe.each(MAJORS)('computed values on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let store: Awaited<ReturnType<typeof openWorlds>>
  let workspaceId = 0

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    store = await openWorlds(database)
  })
  afterAll(() => database.close())

  async function compute(
    computed: readonly Computed[],
    profileIds?: readonly number[],
  ): Promise<[number, readonly Json[]][]> {
    const scope = { workspaceId, ...READING, ...(profileIds && { profileIds }) }
    const values = await findComputedValues(database.db.general, computed, scope)
    return [...values].toSorted(([a], [b]) => a - b)
  }

  test('are what a naive evaluation gives, of all profiles and of some', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyWorld,
        fc.array(anyComputed, { minLength: 12, maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 4 }),
        async (world, references, some) => {
          workspaceId++
          await store(workspaceId, world)
          const computed = references.map(readReference)
          const living = world.people.flatMap((_, place) => (world.merges.has(place) ? [] : [place + 1]))
          const expected = living.map((id): [number, Value[]] => {
            const subject = subjectOf(world, id - 1)
            return [id, references.map((reference) => valueOf(reference, subject, READING))]
          })
          const part = expected.filter(([id]) => some.includes(id))
          expectSame(references, await compute(computed), expected)
          expectSame(references, await compute(computed, some), part)
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)

  describe('of the examples', () => {
    beforeAll(async () => {
      await store(EXAMPLES_WORKSPACE, WORLD)
      // The same people again, whose events are nobody's here.
      await store(EXAMPLES_WORKSPACE + 1, WORLD)
    })

    test.each(COMPUTED_EXAMPLES)('%s', async (_, kind, definition, values) => {
      const computed = readComputed(kind, definition, EXAMPLES_READING)
      const scope = { workspaceId: EXAMPLES_WORKSPACE, ...EXAMPLES_READING }
      const found = await findComputedValues(database.db.general, [computed], scope)
      expect([ANNA, JAN, SHOP].map((id) => found.get(id)?.[0])).toEqual(values)
      expect(found.size).toBe(values.length)
      const some = { ...scope, profileIds: [JAN, OLD_ANNA] }
      const part = await findComputedValues(database.db.general, [computed], some)
      expect([...part]).toEqual([[JAN, [values[1]]]])
    })

    test('that are fifty of one statement', async () => {
      const computed = COMPUTED_EXAMPLES.slice(0, 50).map(([, kind, definition]) =>
        readComputed(kind, definition, EXAMPLES_READING),
      )
      const scope = { workspaceId: EXAMPLES_WORKSPACE, ...EXAMPLES_READING, profileIds: [ANNA] }
      const found = await findComputedValues(database.db.general, computed, scope)
      expect(found.get(ANNA)).toEqual(COMPUTED_EXAMPLES.slice(0, 50).map(([, , , [value]]) => value))
    })
  })

  test('of events at the same instant are those of the first or last id, whoever they were written for', async () => {
    const [anna, ...others] = WORLD.people
    const event = (n: number): WorldEvent => ({ name: 'Bought', at: EXAMPLES_READING.now, properties: { n } })
    const people = [{ ...anna!, events: [event(1), event(2), event(3)] }, ...others]
    const old = { ...people[OLD_ANNA - 1]!, events: [event(4), event(5)] }
    const world = { ...WORLD, people: people.with(OLD_ANNA - 1, old) }
    await store(EXAMPLES_WORKSPACE + 2, world)
    const scope = { workspaceId: EXAMPLES_WORKSPACE + 2, ...EXAMPLES_READING }
    const computed = (['first', 'last'] as const).map((name) =>
      readComputed('aggregate', { function: name, property: { name: 'n' } }, EXAMPLES_READING),
    )
    for (const profileIds of [undefined, [ANNA]]) {
      const found = await findComputedValues(database.db.general, computed, {
        ...scope,
        ...(profileIds && { profileIds }),
      })
      expect(found.get(ANNA)).toEqual([1, 5])
    }
  })

  test('are all text of ours and no text of a caller', () => {
    for (const [, kind, definition] of COMPUTED_EXAMPLES) {
      const statement = new Statement({ workspaceId: 1, ...EXAMPLES_READING })
      const value = valueSql(statement, readComputed(kind, definition, EXAMPLES_READING))
      const { text } = statement.finish('true', [value])
      for (const word of ['Bought', 'price', 'city', 'Dublin', '2026', 'Warsaw', 'łódź'])
        expect(text).not.toContain(word)
    }
  })

  test.each(HEAVY)('of as many levels as there may be run: %s', async (_, wrap, expected) => {
    let expression: Expression = { type: 'attribute', name: 'age' }
    for (let level = 1; level < EXPRESSION_WHOLE.depthMax; level++) expression = wrap(expression)
    const scope = { workspaceId: EXAMPLES_WORKSPACE, ...EXAMPLES_READING }
    const computed = { kind: 'expression', definition: expression } as const
    const found = await findComputedValues(database.db.general, [computed], scope)
    expect(found.get(ANNA)).toEqual([expected])
  })
})

const EXAMPLES_WORKSPACE = 1_000_000

/** Thirty levels of each: what is written into the statement twice would make it a gigabyte. */
const HEAVY: [what: string, wrap: (inner: Expression) => Expression, value: Json][] = [
  ['sums', (inner) => ({ type: 'add', operands: [inner, { type: 'literal', value: 1 }] }), 59],
  ['quotients', (inner) => ({ type: 'divide', left: inner, right: { type: 'literal', value: 1 } }), 30],
  ['products', (inner) => ({ type: 'multiply', operands: [inner, { type: 'literal', value: 1e300 }] }), null],
  [
    'texts',
    (inner) => ({
      type: 'concat',
      operands: [
        { type: 'coalesce', operands: [inner, { type: 'literal', value: 'x' }] },
        { type: 'literal', value: 'x'.repeat(1_000) },
      ],
    }),
    // Every eleventh level is too long, and the next one begins again.
    'x'.repeat(8_001),
  ],
  ['numbers of texts', (inner) => ({ type: 'toNumber', operand: { type: 'toText', operand: inner } }), 30],
]

/** The definition as it comes from a caller, through every check, with its ids resolved. */
function readReference(reference: Reference): Computed {
  const byId = new Map<string, Computed>()
  const sent = storedForm(reference.definition, byId)
  expect(CHECKS[reference.type](structuredClone(sent))).toEqual([])
  const { kind, definition } = readComputed(reference.type, structuredClone(sent), READING)
  return { kind, definition: inlineComputed(definition, byId) } as Computed
}

function expectSame(
  references: readonly Reference[],
  found: [number, readonly Json[]][],
  expected: [number, Value[]][],
): void {
  expect(found.map(([id]) => id)).toEqual(expected.map(([id]) => id))
  for (const [index, reference] of references.entries()) {
    const pairs = found.map(([id, values], row) => [id, show(values[index], expected[row]?.[1][index])])
    const wanted = expected.map(([id, values]) => [id, values[index] ?? null])
    expect([reference, pairs]).toEqual([reference, wanted])
  }
}

/** A number as a decimal, where one is expected: one that no double holds comes as its text. */
function show(found: Json | undefined, expected: Value): unknown {
  return typeof expected === 'bigint' ? (numberIn(found) ?? found) : found
}

const { $schema: _ofAggregates, ...aggregateSchema } = AGGREGATE_SCHEMA
const { $schema: _ofExpressions, ...expressionSchema } = EXPRESSION_SCHEMA
const CHECKS = { aggregate: compileCheck(aggregateSchema), expression: compileCheck(expressionSchema) }
