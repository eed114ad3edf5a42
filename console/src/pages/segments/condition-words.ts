import { entryOf, isPart, listOf, partOf, textOf } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import {
  eventWords,
  fieldWords,
  joined,
  lengthWords,
  momentWords,
  testWords,
  valueWords,
  windowWords,
} from '../../definitions/test-words.ts'
import { CHANNELS } from './condition-types.ts'

/** What aggregates and expressions are called, by their ids. */
export type NameOfComputed = (id: string) => string | undefined

/** A definition in words: what must hold, and for groups the parts of it. */
export interface Words {
  text: string
  parts: readonly Words[]
}

/** A definition as an outline: groups with what is in them, everything else as words about a person. Takes any JSON. */
export function wordsOf(definition: unknown, nameOf: NameOfComputed): Words {
  const part = partOf(definition)
  const conditions = listOf(part['conditions']).map((one) => wordsOf(one, nameOf))
  switch (part['type']) {
    case 'and':
      return { text: 'All of this is true', parts: conditions }
    case 'or':
      return { text: 'At least one of these is true', parts: conditions }
    case 'not':
      return notWords(part, nameOf)
    default:
      return { text: leafWords(part, nameOf), parts: [] }
  }
}

function notWords({ condition }: Part, nameOf: NameOfComputed): Words {
  const inner = partOf(condition)
  if (inner['type'] === 'event' && inner['measure'] === undefined)
    return { text: `did not do ${eventWords(inner)}${windowWords(inner['window'])}`, parts: [] }
  return { text: 'This is not true', parts: [wordsOf(condition, nameOf)] }
}

/** A definition as one sentence about a person, without a capital letter and a full stop. Takes any JSON. */
export function sentenceOf(definition: unknown, nameOf: NameOfComputed): string {
  const { type, conditions, condition } = partOf(definition)
  if (type === 'and' || type === 'or') {
    const sentences = listOf(conditions).map((one) => inParentheses(one, nameOf))
    return joined(sentences, type) || 'nothing is asked yet'
  }
  const { text, parts } = wordsOf(definition, nameOf)
  return parts.length === 0 ? text : `not (${sentenceOf(condition, nameOf)})`
}

function inParentheses(condition: unknown, nameOf: NameOfComputed): string {
  const { type, conditions } = partOf(condition)
  const isGroup = (type === 'and' || type === 'or') && listOf(conditions).length > 1
  return isGroup ? `(${sentenceOf(condition, nameOf)})` : sentenceOf(condition, nameOf)
}

function leafWords(part: Part, nameOf: NameOfComputed): string {
  return entryOf(LEAVES, part['type'])?.(part, nameOf) ?? `something else: ${JSON.stringify(part)}`
}

const computedWords = (part: Part, nameOf: NameOfComputed): string => {
  const id = textOf(part['id'])
  return `${textOf(part['type'])} “${nameOf(id) ?? (id || '…')}” ${testWords(part)}`
}

/** Words of conditions that are no group, by their type. */
const LEAVES: Readonly<Record<string, (part: Part, nameOf: NameOfComputed) => string>> = {
  attribute: (part) => `${fieldWords(part)} ${testWords(part)}`,
  aggregate: computedWords,
  expression: computedWords,
  profile: (part) =>
    `${part['name'] === 'createdAt' ? 'was created' : 'was changed last'} ${whenWords(part)}`,
  tag: ({ name }) => `has the tag ${valueWords(name)}`,
  consent: ({ channel, state }) =>
    consentWords(entryOf(CHANNELS, channel) ?? (textOf(channel) || '…'), state),
  company: ({ role, companyId }) => {
    if (role === 'company') return 'is a company'
    return companyId === undefined ? 'belongs to a company' : `belongs to company ${valueWords(companyId)}`
  },
  anonymous: () => 'is anonymous',
  device: ({ filters }) => {
    const tests = listOf(filters).map((one) => `${fieldWords(one)} ${testWords(partOf(one))}`)
    return tests.length === 0 ? 'has a device' : `has a device whose ${joined(tests, 'and')}`
  },
  event: didWords,
  sequence: ({ steps, within, window }) => {
    const events = listOf(steps).map((step) => eventWords(partOf(step)))
    const { amount, unit } = partOf(within)
    const length = isPart(within) ? ` within ${lengthWords(amount, unit)}` : ''
    return `did ${events.join(', then ') || '…'}${length}${windowWords(window)}`
  },
}

/** A test of moments without the `is` that other tests begin with. */
function whenWords(test: Part): string {
  const { operator, value, from, to } = test
  if (operator === 'during') return `between ${momentWords(from)} and ${momentWords(to)}`
  return `${textOf(operator) || '…'} ${momentWords(value)}`
}

function consentWords(channel: string, state: unknown): string {
  if (state === 'granted') return `said yes to ${channel}`
  return state === 'denied' ? `said no to ${channel}` : `gave no answer about ${channel}`
}

function didWords({ measure, window, ...events }: Part): string {
  const [what, when] = [eventWords(events), windowWords(window)]
  if (!isPart(measure)) return `did ${what}${when}`
  const { function: made } = measure
  if (made === 'first' || made === 'last')
    return `${made} did ${what}${when}, and that ${whenOfMeasure(measure)}`
  if (made === 'count') return `the number of ${what}${when} ${testWords(measure)}`
  return `${entryOf(MEASURES, made) ?? textOf(made)} ${fieldWords(measure)} of ${what}${when} ${testWords(measure)}`
}

function whenOfMeasure(measure: Part): string {
  return `was ${whenWords(measure)}`
}

const MEASURES: Readonly<Record<string, string>> = {
  sum: 'the sum of',
  avg: 'the mean of',
  min: 'the smallest',
  max: 'the largest',
}
