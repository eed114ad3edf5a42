import { Type } from 'typebox'
import type { TProperties, TSchema } from 'typebox'
import type { Aggregate } from './aggregate.ts'
import { CLOSED } from './schema-parts.ts'
import { computedId, name, path } from './segment-parts.ts'
import type { Field } from './segment-parts.ts'

/** How deep an expression may be nested; the outermost part is at depth 1. */
export const EXPRESSION_DEPTH_MAX = 10

/** Most parts of one expression as it is written. */
export const EXPRESSION_PARTS_MAX = 100

/** Bounds of an expression together with the expressions that it refers to: each part costs time for every profile. */
export const EXPRESSION_WHOLE = { depthMax: 30, partsMax: 300 } as const

/** Longest text that `concat` makes, in code points; a longer one is null. */
export const CONCAT_LENGTH_MAX = 10_000

/** Digits behind the point to which results of `add`, `subtract` and `multiply` are rounded, half away from zero. */
export const RESULT_DIGITS = 30

/** Results of this power of ten and beyond are null: whatever is stored is far below it. */
export const RESULT_EXPONENT_MAX = 400

/** What takes any number of parts. */
export const LIST_OPERATORS = ['add', 'multiply', 'concat', 'coalesce', 'and', 'or'] as const

/** What takes two parts. */
export const PAIR_OPERATORS = [
  'subtract',
  'divide',
  'equals',
  'notEquals',
  'greaterThan',
  'atLeast',
  'lessThan',
  'atMost',
] as const

/** What takes one part. */
export const SINGLE_OPERATORS = [
  'not',
  'exists',
  'lower',
  'upper',
  'trim',
  'length',
  'toNumber',
  'toText',
  'daysSince',
] as const

/**
 * A value that is computed from attributes, aggregates and other expressions. It is total: a part of another type than its
 * operator takes is null, and so is what is made of it.
 */
export type Expression =
  | { type: 'literal'; value: string | number | boolean | null }
  | ({ type: 'attribute' } & Field)
  /** `definition` is what the id stands for: nobody sends or stores it, and nothing is compiled without it. */
  | { type: 'aggregate'; id: string; definition?: Aggregate }
  | { type: 'expression'; id: string; definition?: Expression }
  | { type: (typeof LIST_OPERATORS)[number]; operands: readonly Expression[] }
  | { type: (typeof PAIR_OPERATORS)[number]; left: Expression; right: Expression }
  | { type: (typeof SINGLE_OPERATORS)[number]; operand: Expression }
  /** To so many digits behind the point, half away from zero; 0 when left out. */
  | { type: 'round'; operand: Expression; digits?: number }
  /** From a place on, of which the first is 0; `length` code points, or all the rest. */
  | { type: 'substring'; operand: Expression; start: number; length?: number }
  /** `whenTrue` where the condition is true, else `otherwise`; null when that is left out. */
  | { type: 'if'; condition: Expression; whenTrue: Expression; otherwise?: Expression }

/** An expression and every part of it, also of what its ids stand for where that is beside them. */
export function* expressionParts(expression: Expression): Generator<Expression> {
  yield expression
  if (expression.type === 'expression' && expression.definition) yield* expressionParts(expression.definition)
  if ('operands' in expression) for (const operand of expression.operands) yield* expressionParts(operand)
  if ('operand' in expression) yield* expressionParts(expression.operand)
  if ('left' in expression) yield* expressionParts(expression.left)
  if ('right' in expression) yield* expressionParts(expression.right)
  if (expression.type !== 'if') return
  const { condition, whenTrue, otherwise } = expression
  for (const part of [condition, whenTrue, otherwise]) if (part) yield* expressionParts(part)
}

const part = Type.Ref('#/$defs/Expression')

const literal = Type.Union([
  Type.String({ maxLength: 1_000, format: 'storable-text' }),
  Type.Number(),
  Type.Boolean(),
  Type.Null(),
])

const closed = (properties: TProperties): TSchema => Type.Object(properties, CLOSED)

const place = (description: string) => Type.Integer({ minimum: 0, maximum: CONCAT_LENGTH_MAX, description })

/** Definitions by the name that `$ref` has in {@link EXPRESSION_SCHEMA}. */
export const EXPRESSION_DEFS: Readonly<Record<string, TSchema>> = {
  Expression: Type.Union([
    closed({ type: Type.Literal('literal'), value: literal }),
    closed({ type: Type.Literal('attribute'), name, path }),
    closed({ type: Type.Enum(['aggregate', 'expression']), id: computedId }),
    closed({
      type: Type.Enum([...LIST_OPERATORS]),
      operands: Type.Array(part, { minItems: 1, maxItems: 20 }),
    }),
    closed({ type: Type.Enum([...PAIR_OPERATORS]), left: part, right: part }),
    closed({ type: Type.Enum([...SINGLE_OPERATORS]), operand: part }),
    closed({
      type: Type.Literal('round'),
      operand: part,
      digits: Type.Optional(Type.Integer({ minimum: 0, maximum: 12 })),
    }),
    closed({
      type: Type.Literal('substring'),
      operand: part,
      start: place('How many code points are left out before it.'),
      length: Type.Optional(place('How many code points at most; all the rest when left out.')),
    }),
    closed({ type: Type.Literal('if'), condition: part, whenTrue: part, otherwise: Type.Optional(part) }),
  ]),
}

/**
 * The published JSON Schema (2020-12) of an expression. What a schema cannot say is checked beside it: depth, number of
 * parts, that ids lead somewhere and never back.
 */
export const EXPRESSION_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tributary:schema:expression',
  title: 'Definition of an expression',
  $defs: EXPRESSION_DEFS,
  $ref: '#/$defs/Expression',
} as const
