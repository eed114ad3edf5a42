import { expect, test } from 'vitest'
import { wordsOfValue } from './policy-words.ts'

const choices = [{ value: 'digit', label: 'A digit' }]

test.each([
  [{ kind: 'text' as const }, '', 'none'],
  [{ kind: 'text' as const }, 'company', 'company'],
  [{ kind: 'switch' as const }, true, 'yes'],
  [{ kind: 'number' as const, min: 0, max: 9, unit: 'days' }, 0, '0 days'],
  [{ kind: 'texts' as const }, [], 'none'],
  [{ kind: 'texts' as const }, ['a', 'b'], 'a, b'],
  [{ kind: 'checks' as const, choices }, ['digit'], 'a digit'],
  [{ kind: 'choice' as const, choices }, 'digit', 'A digit'],
  [{ kind: 'eventDays' as const }, [{ name: 'Seen', days: 3 }], 'Seen: 3 days'],
])('%j with %j says %s', (input, value, words) => {
  expect(wordsOfValue({ input }, value)).toBe(words)
})
