import { CdpError } from '../../model/errors.ts'
import { isJsonObject } from '../../lib/json.ts'
import { pointerOf } from '../../model/schema-check.ts'
import type { Path, Violation } from '../../model/schema-check.ts'
import {
  SEGMENT_CONDITIONS_MAX,
  SEGMENT_DEFS,
  SEGMENT_DEPTH_MAX,
  SEGMENT_SCHEMA,
} from '../../model/segment.ts'
import type { Condition } from '../../model/segment.ts'
import { resolveMoment } from '../../model/segment-moment.ts'
import type { Clock } from '../../model/segment-moment.ts'
import type { Moment } from '../../model/segment-tests.ts'
import { findProblem } from './find-problem.ts'

/**
 * The definition of a segment that a caller sent.
 * @param pointer where in the request it stands, as a JSON pointer
 * @throws CDP_SEGMENT_INVALID with the deepest place that is wrong
 */
export function readDefinition(value: unknown, clock: Clock, pointer = ''): Condition {
  const whole = { defs: SEGMENT_DEFS, depthMax: SEGMENT_DEPTH_MAX }
  const problem = findProblem(whole, { $ref: SEGMENT_SCHEMA.$ref }, value) ?? findMeaningless(value, clock)
  if (problem) {
    const { path, message } = problem
    const place = path.length > 0 ? path.join('.') : 'the definition'
    throw new CdpError('CDP_SEGMENT_INVALID', {
      detail: `${place}: ${message}`,
      pointer: pointer + pointerOf(path),
    })
  }
  return value as Condition
}

/** What a schema cannot say: too many conditions, and ranges that end before they begin. */
function findMeaningless(definition: unknown, clock: Clock): Violation | undefined {
  let count = 0
  const visit = (value: unknown, path: Path): Violation | undefined => {
    if (Array.isArray(value)) return firstOf(value.entries(), path, visit)
    if (!isJsonObject(value)) return undefined
    if (isCounted(path) && ++count > SEGMENT_CONDITIONS_MAX)
      return { path, message: `must have at most ${SEGMENT_CONDITIONS_MAX} conditions, filters and steps` }
    const isBackwards = 'from' in value && 'to' in value && endsEarly(value['from'], value['to'], clock)
    if (isBackwards) return { path: [...path, 'to'], message: 'must be later than from' }
    // What values are compared with is data, whatever it looks like.
    const members = Object.entries(value).filter(([key]) => key !== 'value' && key !== 'values')
    return firstOf(members, path, visit)
  }
  return visit(definition, [])
}

/** The definition itself, what `not` holds, and the members of conditions, filters and steps. */
function isCounted(path: Path): boolean {
  const last = path.at(-1)
  return last === undefined || last === 'condition' || typeof last === 'number'
}

function firstOf(
  members: Iterable<[string | number, unknown]>,
  path: Path,
  visit: (value: unknown, path: Path) => Violation | undefined,
): Violation | undefined {
  for (const [step, member] of members) {
    const problem = visit(member, [...path, step])
    if (problem) return problem
  }
  return undefined
}

/** A relative end and an absolute one may pass each other as time goes by, so only two of a kind are compared. */
function endsEarly(from: unknown, to: unknown, clock: Clock): boolean {
  if (typeof from === 'number' && typeof to === 'number') return from > to
  if (typeof from !== typeof to) return false
  return resolveMoment(from as Moment, clock) >= resolveMoment(to as Moment, clock)
}
