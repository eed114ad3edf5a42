import type { Instant } from '../../lib/time.ts'
import type { Transaction } from '../../storage/db.ts'
import { isStorageUnavailable } from '../../storage/db.ts'
import { generationName } from '../../storage/segments/generations.ts'
import type { GenerationKey, KeptGeneration } from '../../storage/segments/generations.ts'
import { countChanges, saveEvaluations } from '../../storage/segments/member-writes.ts'
import type { Change, Evaluation } from '../../storage/segments/member-writes.ts'
import { findMembersOfEach } from '../../storage/segments/members.ts'
import { sharedEventsOf } from '../../storage/segments/shared-events.ts'
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

/** Several definitions together could not be answered: one by one, the one that is at fault shows. */
export class GroupError extends Error {
  constructor(cause: unknown) {
    super('segments could not be evaluated together', { cause })
  }
}

/** How questions are answered. */
export interface AnswerOptions {
  at: Instant
  /** Members that came and went without a question. */
  moved?: readonly Change[]
  /** Each definition by itself, so that it is known which one fails. */
  isSingly: boolean
}

/**
 * Asks who belongs to what, and writes it. The questions are asked before anything is written, so that the transaction holds
 * others up no longer than its writes take.
 * @throws EvaluationError GroupError
 */
export async function answerQuestions(
  tx: Transaction,
  questions: readonly Question[],
  { at, moved = [], isSingly }: AnswerOptions,
): Promise<void> {
  const evaluations: Evaluation[] = []
  for (const group of groupsOf(questions, isSingly))
    for (const part of partsOf(group)) evaluations.push(...(await evaluateAll(tx, part, at)))
  const changes = await saveEvaluations(tx, evaluations, at)
  await countChanges(tx, sumOf([...changes, ...moved]), at)
}

/** Definitions of one statement: the planner takes longer with each, and all of them fail together. */
const GROUP = { questions: 20, characters: 20_000 } as const

/** Questions that one statement answers. They are of one workspace and one zone. */
function groupsOf(questions: readonly Question[], isSingly: boolean): Question[][] {
  const groups: { key: string; characters: number; questions: Question[] }[] = []
  for (const question of questions) {
    const { workspaceId, timezone, definition } = question.generation
    const key = `${workspaceId} ${timezone}`
    const characters = JSON.stringify(definition).length
    const open = groups.find(
      (group) =>
        group.key === key &&
        !isSingly &&
        group.questions.length < GROUP.questions &&
        group.characters + characters <= GROUP.characters,
    )
    const group = open ?? { key, characters: 0, questions: [] }
    group.characters += characters
    group.questions.push(question)
    if (!open) groups.push(group)
  }
  return groups.map((group) => group.questions)
}

/** One flush may name more people than a statement should look at: all of a company that went. */
const PROFILES_OF_PART = 5_000

function partsOf(group: readonly Question[]): Question[][] {
  const longest = Math.max(0, ...group.map(({ profileIds }) => profileIds.length))
  return Array.from({ length: Math.ceil(longest / PROFILES_OF_PART) }, (_, part) =>
    group.map(({ generation, profileIds }) => ({
      generation,
      profileIds: profileIds.slice(part * PROFILES_OF_PART, (part + 1) * PROFILES_OF_PART),
    })),
  )
}

async function evaluateAll(tx: Transaction, group: readonly Question[], at: Instant): Promise<Evaluation[]> {
  try {
    return await evaluate(tx, group, at)
  } catch (error) {
    const [only, ...others] = group
    if (isStorageUnavailable(error) || !only) throw error
    throw others.length > 0 ? new GroupError(error) : new EvaluationError(keyOf(only.generation), error)
  }
}

function keyOf({ workspaceId, segmentId, generation }: GenerationKey): GenerationKey {
  return { workspaceId, segmentId, generation }
}

/** Everybody is looked at for every definition of the group; what nobody asked for is left out. */
async function evaluate(tx: Transaction, group: readonly Question[], at: Instant): Promise<Evaluation[]> {
  const [first] = group
  if (!first) return []
  const { workspaceId, timezone } = first.generation
  const definitions = group.map(({ generation }) => generation.definition)
  const clock = { now: at, timezone }
  const profileIds = [...new Set(group.flatMap((question) => question.profileIds))]
  const scope = { workspaceId, ...clock, profileIds, shared: sharedEventsOf(definitions, clock) }
  const members = await findMembersOfEach(tx, definitions, scope)
  const wakes = definitions.map(() => new Map<number, Instant>())
  for (const { profileId, moment, stored, definitions: places } of await findTurningPoints(
    tx,
    definitions,
    scope,
  )) {
    const next = passesAt(moment, stored, clock)
    for (const place of places) {
      const own = wakes[place]
      own?.set(profileId, Math.min(next, own.get(profileId) ?? next))
    }
  }
  return group.map((question, place) => ({
    ...keyOf(question.generation),
    profileIds: question.profileIds,
    memberIds: members[place] ?? new Set(),
    wakes: wakes[place] ?? new Map(),
  }))
}

function sumOf(changes: readonly Change[]): Change[] {
  const sums = new Map<string, Change>()
  for (const { change, ...key } of changes) {
    const name = generationName(key)
    sums.set(name, { ...key, change: (sums.get(name)?.change ?? 0) + change })
  }
  return [...sums.values()]
}
