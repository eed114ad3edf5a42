import { AGGREGATE_DEFS, AGGREGATE_PARTS_MAX, AGGREGATE_SCHEMA } from '../../model/aggregate.ts'
import { checkDefinition } from '../../model/check-definition.ts'
import type { DefinitionRules } from '../../model/check-definition.ts'
import type { Computed, ComputedKind } from '../../model/computed.ts'
import { CdpError } from '../../model/errors.ts'
import {
  EXPRESSION_DEFS,
  EXPRESSION_DEPTH_MAX,
  EXPRESSION_PARTS_MAX,
  EXPRESSION_SCHEMA,
} from '../../model/expression.ts'
import { pointerOf } from '../../model/schema-check.ts'
import type { Violation } from '../../model/schema-check.ts'
import type { Clock } from '../../model/segment-moment.ts'

const RULES: Readonly<Record<ComputedKind, DefinitionRules>> = {
  aggregate: {
    defs: AGGREGATE_DEFS,
    $ref: AGGREGATE_SCHEMA.$ref,
    depthMax: 1,
    partsMax: AGGREGATE_PARTS_MAX,
    partsName: 'filters',
  },
  expression: {
    defs: EXPRESSION_DEFS,
    $ref: EXPRESSION_SCHEMA.$ref,
    depthMax: EXPRESSION_DEPTH_MAX,
    partsMax: EXPRESSION_PARTS_MAX,
    partsName: 'parts',
  },
}

/**
 * The definition of an aggregate or an expression that a caller sent. Whether its ids lead anywhere is another question.
 * @param pointer where in the request it stands, as a JSON pointer
 * @throws CDP_COMPUTED_INVALID with the deepest place that is wrong
 */
export function readComputed(kind: ComputedKind, value: unknown, clock: Clock, pointer = ''): Computed {
  const problem = checkDefinition(RULES[kind], value, clock)
  if (problem) throw computedInvalid(problem, pointer)
  return { kind, definition: value } as Computed
}

/** The refusal of a definition, with the place that is wrong. */
export function computedInvalid({ path, message }: Violation, pointer: string): CdpError {
  const place = path.length > 0 ? path.join('.') : 'the definition'
  return new CdpError('CDP_COMPUTED_INVALID', {
    detail: `${place}: ${message}`,
    pointer: pointer + pointerOf(path),
  })
}
