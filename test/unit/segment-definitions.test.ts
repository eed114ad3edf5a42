import { describe, expect, test } from 'vitest'
import { readComputed } from '../../src/core/computed/read-computed.ts'
import { readDefinition } from '../../src/core/segments/read-definition.ts'
import { now } from '../../src/lib/time.ts'
import { blocksOf } from '../setup/fenced-blocks.ts'

const CLOCK = { now: now(), timezone: 'Europe/Warsaw' }

test.each(blocksOf('segment'))('the definition at $place is one', ({ text }) => {
  const definition: unknown = JSON.parse(text)
  expect(readDefinition(definition, CLOCK)).toBe(definition)
})

describe.each(['aggregate', 'expression'] as const)('of every %s', (kind) => {
  test.each(blocksOf(kind))('the definition at $place is one', ({ text }) => {
    const definition: unknown = JSON.parse(text)
    expect(readComputed(kind, definition, CLOCK)).toEqual({ kind, definition })
  })
})
