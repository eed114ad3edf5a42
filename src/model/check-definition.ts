import { isJsonObject } from '../lib/json.ts'
import { findProblem } from './find-problem.ts'
import type { RecursiveSchema } from './find-problem.ts'
import type { Path, Violation } from './schema-check.ts'
import { resolveMoment } from './segment-moment.ts'
import type { Clock } from './segment-moment.ts'
import type { Moment } from './segment-tests.ts'

/** What definitions of one kind may be. */
export interface DefinitionRules extends RecursiveSchema {
  /** Where the definition begins: `#/$defs/<name>`. */
  $ref: string
  /** Most conditions, filters, steps or operands. */
  partsMax: number
  /** What those are called. */
  partsName: string
}

/** The first place at which a definition is wrong, as deep as it can be named. */
export function checkDefinition(rules: DefinitionRules, value: unknown, clock: Clock): Violation | undefined {
  return findProblem(rules, { $ref: rules.$ref }, value) ?? findMeaningless(rules, value, clock)
}

/** What a schema cannot say: too many parts, and ranges that end before they begin. */
function findMeaningless(
  { partsMax, partsName }: DefinitionRules,
  definition: unknown,
  clock: Clock,
): Violation | undefined {
  let count = 0
  const visit = (value: unknown, path: Path): Violation | undefined => {
    if (Array.isArray(value)) return firstOf(value.entries(), path, visit)
    if (!isJsonObject(value)) return undefined
    if (isCounted(path) && ++count > partsMax)
      return { path, message: `must have at most ${partsMax} ${partsName}` }
    const isBackwards = 'from' in value && 'to' in value && endsEarly(value['from'], value['to'], clock)
    if (isBackwards) return { path: [...path, 'to'], message: 'must be later than from' }
    return firstOf(partsOf(value), path, visit)
  }
  return visit(definition, [])
}

/** The members of an object that say something. What values are compared with is data, whatever it looks like. */
export function partsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([key]) => key !== 'value' && key !== 'values')
}

const PART_KEYS: readonly unknown[] = [
  undefined,
  'condition',
  'operand',
  'left',
  'right',
  'whenTrue',
  'otherwise',
]

/** The definition itself, what other parts hold one or two of, and the members of lists. */
function isCounted(path: Path): boolean {
  const last = path.at(-1)
  return PART_KEYS.includes(last) || typeof last === 'number'
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
