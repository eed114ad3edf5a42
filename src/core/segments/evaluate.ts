import type { Instant } from '../../lib/time.ts'
import type { Transaction } from '../../storage/db.ts'
import { isConnectionLost } from '../../storage/db.ts'
import type { GenerationKey, KeptGeneration } from '../../storage/segments/generations.ts'
import { countChanges, saveEvaluations } from '../../storage/segments/kept-members.ts'
import type { Evaluation } from '../../storage/segments/kept-members.ts'
import { findMembersAmong } from '../../storage/segments/members.ts'
import { findTurningPoints } from '../../storage/segments/turning-points.ts'
import { passesAt } from './next-change.ts'

/** A generation, and the profiles of which it is asked whether they belong to it. */
export interface Question {
  generation: KeptGeneration
  profileIds: readonly number[]
}

/** A definition that the database could not answer: the others go on without it. */
export class EvaluationError extends Error {
  readonly key: GenerationKey

  constructor(key: GenerationKey, cause: unknown) {
    super('a segment could not be evaluated', { cause })
    this.key = key
  }
}

/**
 * Asks who belongs to what, and writes it. The questions are asked before anything is written, so that the transaction holds
 * others up no longer than its writes take.
 * @param moved members that came and went without a question
 * @throws EvaluationError
 */
export async function answerQuestions(
  tx: Transaction,
  questions: readonly Question[],
  { at, moved = [] }: { at: Instant; moved?: readonly (GenerationKey & { change: number })[] },
): Promise<void> {
  const evaluations: Evaluation[] = []
  for (const question of questions) evaluations.push(await evaluate(tx, question, at))
  const changes = await saveEvaluations(tx, evaluations, at)
  await countChanges(tx, sumOf([...changes, ...moved]), at)
}

async function evaluate(
  tx: Transaction,
  { generation, profileIds }: Question,
  at: Instant,
): Promise<Evaluation> {
  const { workspaceId, segmentId, generation: number, definition, timezone } = generation
  const scope = { workspaceId, timezone, now: at, profileIds }
  const key = { workspaceId, segmentId, generation: number }
  try {
    const memberIds = await findMembersAmong(tx, definition, scope)
    const points = await findTurningPoints(tx, definition, scope)
    const wakes = new Map<number, Instant>()
    for (const { profileId, moment, stored } of points) {
      const next = passesAt(moment, stored, { now: at, timezone })
      wakes.set(profileId, Math.min(next, wakes.get(profileId) ?? next))
    }
    return {
      ...key,
      profileIds,
      memberIds,
      wakes: [...wakes].map(([profileId, next]) => ({ profileId, at: next })),
    }
  } catch (error) {
    if (isConnectionLost(error)) throw error
    throw new EvaluationError(key, error)
  }
}

function sumOf(
  changes: readonly (GenerationKey & { change: number })[],
): (GenerationKey & { change: number })[] {
  const sums = new Map<string, GenerationKey & { change: number }>()
  for (const { change, ...key } of changes) {
    const name = `${key.workspaceId}|${key.segmentId}|${key.generation}`
    sums.set(name, { ...key, change: (sums.get(name)?.change ?? 0) + change })
  }
  return [...sums.values()]
}
