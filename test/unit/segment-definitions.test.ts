import { expect, test } from 'vitest'
import { readDefinition } from '../../src/core/segments/read-definition.ts'
import { now } from '../../src/lib/time.ts'
import { blocksOf } from '../setup/fenced-blocks.ts'

test.each(blocksOf('segment'))('the definition at $place is one', ({ text }) => {
  const definition: unknown = JSON.parse(text)
  expect(readDefinition(definition, { now: now(), timezone: 'Europe/Warsaw' })).toBe(definition)
})
