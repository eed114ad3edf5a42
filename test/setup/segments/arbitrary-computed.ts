import fc from 'fast-check'
import { sha256, uuidFromHash } from '../../../src/lib/ids.ts'
import type { Aggregate } from '../../../src/model/aggregate.ts'
import { LIST_OPERATORS, PAIR_OPERATORS, SINGLE_OPERATORS } from '../../../src/model/expression.ts'
import type { Expression } from '../../../src/model/expression.ts'
import { anyEventFilter, anyField, anyWindow } from './arbitrary-parts.ts'
import type { Reference } from './evaluate-expression.ts'
import { anyScalar } from './odd-values.ts'

const anyFunction = fc.oneof(
  fc.constant({ function: 'count' }),
  fc.record({
    function: fc.constantFrom('sum', 'avg', 'min', 'max', 'first', 'last', 'distinct'),
    property: anyField,
  }),
  fc.record({
    function: fc.constant('top'),
    property: anyField,
    limit: fc.integer({ min: 1, max: 3 }),
  }),
)

/** Any aggregate that a caller may send. */
export const anyAggregate = fc
  .tuple(anyFunction, anyEventFilter, fc.record({ window: anyWindow }, { requiredKeys: [] }))
  .map((parts) => Object.assign({}, ...parts) as Aggregate)

/** The same definition has the same id. */
function refer(type: Reference['type'], definition: object): Reference {
  return { type, id: uuidFromHash(sha256(type + JSON.stringify(definition))), definition } as Reference
}

const anyLeaf = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.oneof(anyScalar, fc.constant(null)).map((value) => ({ type: 'literal', value })),
  },
  { weight: 3, arbitrary: anyField.map((field) => ({ type: 'attribute', ...field })) },
  { weight: 3, arbitrary: anyAggregate.map((one) => refer('aggregate', one)) },
) as fc.Arbitrary<Expression>

/** Any expression that a caller may send, with what its ids stand for. */
export const anyExpression = fc.letrec<{ part: Expression; node: Expression }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3 },
    { weight: 2, arbitrary: anyLeaf },
    { weight: 3, arbitrary: tie('node') },
    { weight: 1, arbitrary: tie('part').map((one) => refer('expression', one)) },
  ),
  node: fc.oneof(
    fc.record({
      type: fc.constantFrom(...LIST_OPERATORS),
      operands: fc.array(tie('part'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ type: fc.constantFrom(...PAIR_OPERATORS), left: tie('part'), right: tie('part') }),
    fc.record({ type: fc.constantFrom(...SINGLE_OPERATORS), operand: tie('part') }),
    fc.record(
      { type: fc.constant('round'), operand: tie('part'), digits: fc.integer({ min: 0, max: 12 }) },
      { requiredKeys: ['type', 'operand'] },
    ),
    fc.record(
      {
        type: fc.constant('substring'),
        operand: tie('part'),
        start: fc.nat({ max: 3 }),
        length: fc.nat({ max: 9 }),
      },
      { requiredKeys: ['type', 'operand', 'start'] },
    ),
    fc.record(
      { type: fc.constant('if'), condition: tie('part'), whenTrue: tie('part'), otherwise: tie('part') },
      { requiredKeys: ['type', 'condition', 'whenTrue'] },
    ),
  ) as fc.Arbitrary<Expression>,
})).node

/** An aggregate or an expression, as a condition or an expression refers to it. */
export const anyComputed: fc.Arbitrary<Reference> = fc.oneof(
  anyAggregate.map((one) => refer('aggregate', one)),
  anyExpression.map((one) => refer('expression', one)),
)
