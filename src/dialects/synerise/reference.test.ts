import { expect, test } from 'vitest'
import { INFERRED } from './inferred.ts'
import { OPERATIONS } from './operations.ts'
import { REFERENCE_IDS } from './reference.ts'

const idsOf = (provenance: string): string[] =>
  OPERATIONS.filter((operation) => operation.provenance === provenance).map(({ id }) => id)

test('the table has all 111 operations of the reference, each with its number', () => {
  expect(REFERENCE_IDS).toHaveLength(111)
  const numbered = OPERATIONS.filter(({ number }) => number !== undefined)
  expect(numbered.toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0)).map(({ id }) => id)).toEqual(
    REFERENCE_IDS,
  )
})

test('every operation says where it is known from, and of 111 as many as the reference prints, sources have and nobody does', () => {
  expect(OPERATIONS.filter(({ provenance }) => provenance === undefined)).toEqual([])
  const counts = ['reference', 'public source', 'inferred'].map((provenance) => idsOf(provenance).length)
  expect(counts).toEqual([37, 54, 20])
  expect(idsOf('beyond the reference')).toHaveLength(OPERATIONS.length - 111)
})

test('the inferred operations are those of the one table that has their paths, and nothing differs from it', () => {
  expect(idsOf('inferred').sort()).toEqual(Object.keys(INFERRED).sort())
  for (const [id, { route }] of Object.entries(INFERRED)) {
    const found = OPERATIONS.find((operation) => operation.id === id)
    expect(`${found?.method} ${found?.path}`).toBe(route)
  }
})

test('no two operations have the same method and path, or the same id', () => {
  const routes = OPERATIONS.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`)
  expect(new Set(routes).size).toBe(OPERATIONS.length)
  expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length)
})
