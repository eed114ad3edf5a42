import { entryOf, isPart, listOf, partOf, textOf } from './part.ts'
import type { Part } from './part.ts'
import { OPERATORS } from './operators.ts'
import { windowKindOf } from './moments.ts'

// Pieces of sentences that definitions of segments and of aggregates have in common.

/** `a, b or c` */
export function joined(words: readonly string[], word: 'and' | 'or'): string {
  const [last = '', ...others] = words.toReversed()
  return others.length === 0 ? last : `${others.toReversed().join(', ')} ${word} ${last}`
}

/** A value as it stands in a sentence. */
export function valueWords(value: unknown): string {
  return typeof value === 'string' ? `“${value}”` : (JSON.stringify(value) ?? '…')
}

/** The name of an attribute or a property, with the way to the value inside it. */
export function fieldWords(field: unknown): string {
  const { name, path } = partOf(field)
  return [textOf(name) || '…', ...listOf(path).map(String)].join('.')
}

/** `7 days ago`, `the start of this month`, `2026-03-01` */
export function momentWords(moment: unknown): string {
  if (!isPart(moment)) return typeof moment === 'string' && moment !== '' ? moment : '…'
  const { offset, unit, startOf } = moment
  const amount = Math.abs(Number(offset))
  const there = amount === 0 ? 'now' : relative(Number(offset) < 0, lengthWords(amount, unit))
  if (typeof startOf !== 'string') return there
  if (amount === 0) return `the start of ${startOf === 'day' ? 'today' : `this ${startOf}`}`
  const side = Number(offset) < 0 ? 0 : 1
  if (amount !== 1 || unit !== startOf) return `the start of the ${startOf} ${there}`
  return `the start of ${startOf === 'day' ? NEXT_DAYS[side] : `${NEXT[side]} ${startOf}`}`
}

const NEXT_DAYS = ['yesterday', 'tomorrow'] as const
const NEXT = ['last', 'next'] as const

function relative(isPast: boolean, length: string): string {
  return isPast ? `${length} ago` : `in ${length}`
}

/** `1 day`, `3 days` */
export function lengthWords(amount: unknown, unit: unknown): string {
  return `${valueWords(amount)} ${textOf(unit) || '…'}${amount === 1 ? '' : 's'}`
}

/** ` in the last 30 days`, with the blank before it; nothing when all events count. */
export function windowWords(window: unknown): string {
  const { from, to } = partOf(window)
  switch (windowKindOf(window)) {
    case 'any':
      return ''
    case 'last': {
      const { offset, unit } = partOf(from)
      const amount = Math.abs(Number(offset))
      return amount === 1 ? ` in the last ${textOf(unit)}` : ` in the last ${lengthWords(amount, unit)}`
    }
    case 'since':
      return ` since ${momentWords(from)}`
    case 'until':
      return ` before ${momentWords(to)}`
    case 'between':
      return ` between ${momentWords(from)} and ${momentWords(to)}`
  }
}

/** `is at least 5`, after the name of a value. */
export function testWords(test: Part): string {
  const operator = entryOf(OPERATORS, test['operator'])
  if (!operator) return `${textOf(test['operator']) || '…'} …`
  return [operator.words, operandWords(operator.takes, test), caseWords(test)].filter(Boolean).join(' ')
}

function operandWords(takes: string, { value, values, from, to }: Part): string {
  switch (takes) {
    case 'nothing':
      return ''
    case 'values':
      return joined(listOf(values).map(valueWords), 'or') || '…'
    case 'numbers':
      return `${valueWords(from)} and ${valueWords(to)}`
    case 'moments':
      return `${momentWords(from)} and ${momentWords(to)}`
    case 'moment':
      return momentWords(value)
    default:
      return valueWords(value)
  }
}

function caseWords({ ignoreCase }: Part): string {
  return ignoreCase === true ? '(in any case)' : ''
}

/** `“Order Completed” where total is at least 5`: which events an event filter takes. */
export function eventWords({ name, filters }: Part): string {
  const event = textOf(name) === '' ? 'any event' : `“${textOf(name)}”`
  const tests = listOf(filters).map((filter) => `${fieldWords(filter)} ${testWords(partOf(filter))}`)
  return tests.length === 0 ? event : `${event} where ${joined(tests, 'and')}`
}
