import { checkDefinition } from '../../model/check-definition.ts'
import type { DefinitionRules } from '../../model/check-definition.ts'
import { CdpError } from '../../model/errors.ts'
import { pointerOf } from '../../model/schema-check.ts'
import type { Violation } from '../../model/schema-check.ts'
import {
  SEGMENT_CONDITIONS_MAX,
  SEGMENT_DEFS,
  SEGMENT_DEPTH_MAX,
  SEGMENT_SCHEMA,
} from '../../model/segment.ts'
import type { Condition } from '../../model/segment.ts'
import type { Clock } from '../../model/segment-moment.ts'

const RULES: DefinitionRules = {
  defs: SEGMENT_DEFS,
  $ref: SEGMENT_SCHEMA.$ref,
  depthMax: SEGMENT_DEPTH_MAX,
  partsMax: SEGMENT_CONDITIONS_MAX,
  partsName: 'conditions, filters and steps',
}

/**
 * The definition of a segment that a caller sent. Whether its ids lead anywhere is another question.
 * @param pointer where in the request it stands, as a JSON pointer
 * @throws CDP_SEGMENT_INVALID with the deepest place that is wrong
 */
export function readDefinition(value: unknown, clock: Clock, pointer = ''): Condition {
  const problem = checkDefinition(RULES, value, clock)
  if (problem) throw segmentInvalid(problem, pointer)
  return value as Condition
}

/** The refusal of a definition, with the place that is wrong. */
export function segmentInvalid({ path, message }: Violation, pointer: string): CdpError {
  const place = path.length > 0 ? path.join('.') : 'the definition'
  return new CdpError('CDP_SEGMENT_INVALID', {
    detail: `${place}: ${message}`,
    pointer: pointer + pointerOf(path),
  })
}
