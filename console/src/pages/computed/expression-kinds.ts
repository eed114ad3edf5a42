import { entryOf, listOf, partOf, textOf, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'

/** A kind of part that expressions are made of. */
export interface ExpressionKind {
  label: string
  about: 'Values' | 'Numbers' | 'Texts' | 'Comparisons' | 'Choices'
  /** Members that hold one part each, with what they are called. */
  slots?: Readonly<Record<string, string>>
  /** Members of `slots` that may be left out. */
  optional?: readonly string[]
  /** Whether `operands` holds any number of parts. */
  isList?: boolean
  /** Members beside the parts, before anything is filled in. */
  draft?: Part
}

const ONE = { operand: 'Of' }
const PAIR = { left: 'Left', right: 'Right' }

/** Every kind by its type, in the order in which they are offered. */
export const EXPRESSION_KINDS: Readonly<Record<string, ExpressionKind>> = {
  literal: { label: 'A fixed value', about: 'Values', draft: { value: '' } },
  attribute: { label: 'Attribute', about: 'Values', draft: { name: '' } },
  aggregate: { label: 'Aggregate', about: 'Values', draft: { id: '' } },
  expression: { label: 'Other expression', about: 'Values', draft: { id: '' } },
  add: { label: 'Sum (+)', about: 'Numbers', isList: true },
  subtract: { label: 'Difference (−)', about: 'Numbers', slots: PAIR },
  multiply: { label: 'Product (×)', about: 'Numbers', isList: true },
  divide: { label: 'Quotient (÷)', about: 'Numbers', slots: PAIR },
  round: { label: 'Rounded number', about: 'Numbers', slots: ONE },
  toNumber: { label: 'Text as a number', about: 'Numbers', slots: ONE },
  daysSince: { label: 'Days since', about: 'Numbers', slots: ONE },
  length: { label: 'Length of a text', about: 'Numbers', slots: ONE },
  concat: { label: 'Texts together', about: 'Texts', isList: true },
  lower: { label: 'In small letters', about: 'Texts', slots: ONE },
  upper: { label: 'In capital letters', about: 'Texts', slots: ONE },
  trim: { label: 'Without blanks around', about: 'Texts', slots: ONE },
  substring: { label: 'A part of a text', about: 'Texts', slots: ONE, draft: { start: 0 } },
  toText: { label: 'Number as a text', about: 'Texts', slots: ONE },
  equals: { label: 'Is the same', about: 'Comparisons', slots: PAIR },
  notEquals: { label: 'Is not the same', about: 'Comparisons', slots: PAIR },
  greaterThan: { label: 'Is greater than', about: 'Comparisons', slots: PAIR },
  atLeast: { label: 'Is at least', about: 'Comparisons', slots: PAIR },
  lessThan: { label: 'Is less than', about: 'Comparisons', slots: PAIR },
  atMost: { label: 'Is at most', about: 'Comparisons', slots: PAIR },
  exists: { label: 'Is there', about: 'Comparisons', slots: ONE },
  if: {
    label: 'If … then … else',
    about: 'Choices',
    slots: { condition: 'If', whenTrue: 'Then', otherwise: 'Else' },
    optional: ['otherwise'],
  },
  coalesce: { label: 'The first that there is', about: 'Choices', isList: true },
  and: { label: 'All are true', about: 'Choices', isList: true },
  or: { label: 'At least one is true', about: 'Choices', isList: true },
  not: { label: 'Is not true', about: 'Choices', slots: ONE },
}

/** What stands where nothing was chosen yet. */
export const EMPTY_PART: Part = { type: 'literal', value: '' }

/** The parts inside a part, in their order. */
export function partsIn(part: Part): unknown[] {
  const kind = entryOf(EXPRESSION_KINDS, part['type'])
  if (kind?.isList === true) return [...listOf(part['operands'])]
  return Object.keys(kind?.slots ?? {}).flatMap((slot) => (part[slot] === undefined ? [] : [part[slot]]))
}

/**
 * The part as one of another type. The parts inside it stay as far as there is a place for them; a value becomes the first part of
 * what is made of values.
 */
export function withType(part: Part, type: string): Part {
  const [before, after] = [part['type'], type].map((name) => entryOf(EXPRESSION_KINDS, name))
  if (part['type'] === type || !after) return part
  const isValue = before === undefined || (before.isList !== true && before.slots === undefined)
  return withParts({ type, ...after.draft }, isValue ? [part] : partsIn(part))
}

function withParts(part: Part, parts: readonly unknown[]): Part {
  const { isList = false, slots = {}, optional = [] } = entryOf(EXPRESSION_KINDS, textOf(part['type'])) ?? {}
  if (isList) return { ...part, operands: parts.length > 0 ? parts : [EMPTY_PART, EMPTY_PART] }
  return Object.keys(slots).reduce<Part>((made, slot, index) => {
    const inner = parts[index] ?? (optional.includes(slot) ? undefined : EMPTY_PART)
    return withMember(made, slot, inner)
  }, part)
}

/** Whether a part is one that the form knows. */
export function isKnown(part: unknown): boolean {
  return entryOf(EXPRESSION_KINDS, partOf(part)['type']) !== undefined
}
