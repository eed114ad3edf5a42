import type { Instant } from '../../lib/time.ts'
import { moveTo, readBatches, takeBatches } from '../../storage/batches.ts'
import type { WholeBatch } from '../../storage/batches.ts'
import type { Transaction } from '../../storage/db.ts'
import { findPeopleOf } from '../../storage/companies.ts'
import { findSurvivors } from '../../storage/merges.ts'
import { findChangedNames } from '../../storage/profile-logs.ts'
import {
  findGenerationsByKey,
  findKeptGenerations,
  generationName,
  hasGenerations,
} from '../../storage/segments/generations.ts'
import type { GenerationKey, KeptGeneration } from '../../storage/segments/generations.ts'
import { findDueExpiries } from '../../storage/segments/kept-members.ts'
import { forgetExpiries } from '../../storage/segments/member-writes.ts'
import type { Change } from '../../storage/segments/member-writes.ts'
import { answerQuestions } from './evaluate.ts'
import type { Question } from './evaluate.ts'
import { affectedBy, facetsOf, touchedBy } from './references.ts'
import type { Touched } from './references.ts'

/** Name of the follower that keeps members of segments. */
export const SEGMENT_FOLLOWER = 'segments'

/** What one step takes: few enough that it ends soon, because the next writes wait for it. */
const STEP = { batches: 500, profiles: 1_000, expiries: 1_000 } as const

/**
 * One step after what was written, and after what time made of windows that roll. The caller holds the follower.
 * @returns whether there was anything to do
 * @throws EvaluationError GroupError
 */
export async function followWrites(tx: Transaction, at: Instant, isSingly: boolean): Promise<boolean> {
  // Without segments it only keeps pace, so that flushes can be forgotten.
  if (!(await hasGenerations(tx))) return (await takeBatches(tx, SEGMENT_FOLLOWER, STEP.batches)).length > 0
  const limits = { limit: STEP.batches, profilesMax: STEP.profiles }
  const { batches, position } = await readBatches(tx, SEGMENT_FOLLOWER, limits)
  const due = await findDueExpiries(tx, at, STEP.expiries)
  if (position === undefined && due.length === 0) return false
  const questions = new Questions()
  await askAboutWrites(tx, { batches, at, questions })
  const outlived = await askAboutTime(tx, { due, at, questions })
  await answerQuestions(tx, questions.list(), {
    at,
    moved: batches.flatMap(membersOf),
    isSingly,
  })
  // Behind the questions: what is written is planned by key, and they must not be.
  await forgetExpiries(tx, outlived)
  if (position !== undefined) await moveTo(tx, SEGMENT_FOLLOWER, position)
  return true
}

/** Questions, each generation once. */
class Questions {
  readonly #byKey = new Map<string, { generation: KeptGeneration; profileIds: Set<number> }>()

  add(generation: KeptGeneration, profileIds: readonly number[]): void {
    if (profileIds.length === 0) return
    const key = generationName(generation)
    const known = this.#byKey.get(key) ?? { generation, profileIds: new Set() }
    for (const profileId of profileIds) known.profileIds.add(profileId)
    this.#byKey.set(key, known)
  }

  list(): Question[] {
    return [...this.#byKey.values()].map(({ generation, profileIds }) => ({
      generation,
      profileIds: [...profileIds],
    }))
  }
}

async function askAboutWrites(
  tx: Transaction,
  { batches, at, questions }: { batches: readonly WholeBatch[]; at: Instant; questions: Questions },
): Promise<void> {
  const workspaceIds = [...new Set(batches.map(({ workspaceId }) => workspaceId))]
  if (workspaceIds.length === 0) return
  const generations = await findKeptGenerations(tx, workspaceIds, at)
  for (const workspaceId of new Set(generations.map((generation) => generation.workspaceId))) {
    const own = batches.filter((batch) => batch.workspaceId === workspaceId)
    const touched = await readTouched(tx, workspaceId, own)
    for (const generation of generations)
      if (generation.workspaceId === workspaceId)
        questions.add(generation, affectedBy(touched, facetsOf(generation.definition)))
  }
}

async function readTouched(
  tx: Transaction,
  workspaceId: number,
  batches: readonly WholeBatch[],
): Promise<Touched> {
  const changes = batches.flatMap(({ items }) => items.filter(({ kind }) => kind === 'change'))
  const touched = touchedBy(batches, await findChangedNames(tx, workspaceId, changes))
  // A company that was merged or taken apart is another one to its people.
  const reshaped = [...touched].filter(([, written]) => written === 'all').map(([profileId]) => profileId)
  for (const profileId of await findPeopleOf(tx, workspaceId, reshaped)) {
    const written = touched.get(profileId) ?? new Set()
    if (written !== 'all') touched.set(profileId, written.add('company'))
  }
  const ids = [...touched.keys()].map((profileId) => ({ workspaceId, profileId }))
  // What belongs to a profile that was merged away counts for its survivor; the id itself belongs to nothing any more.
  for (const { fromId, toId } of ids.length > 0 ? await findSurvivors(tx, ids) : []) {
    const [written, known] = [touched.get(fromId) ?? [], touched.get(toId) ?? []]
    touched.set(toId, written === 'all' || known === 'all' ? 'all' : new Set([...known, ...written]))
    touched.set(fromId, 'all')
  }
  return touched
}

/** Who may begin or stop to belong to what by now. */
type Due = GenerationKey & { profileIds: number[] }

/** @returns what is due of generations that nobody keeps up to date any more */
async function askAboutTime(
  tx: Transaction,
  { due, at, questions }: { due: readonly Due[]; at: Instant; questions: Questions },
): Promise<Due[]> {
  if (due.length === 0) return []
  const generations = new Map(
    (await findGenerationsByKey(tx, due, at)).map((generation) => [generationName(generation), generation]),
  )
  for (const { profileIds, ...key } of due) {
    const generation = generations.get(generationName(key))
    if (generation) questions.add(generation, profileIds)
  }
  return due.filter((key) => !generations.has(generationName(key)))
}

/** Members that went with their profiles. */
function membersOf({ workspaceId, counts }: WholeBatch): Change[] {
  return Object.entries(counts.members ?? {}).map(([key, change]) => {
    const [segmentId = '', generation] = key.split('/')
    return { workspaceId, segmentId, generation: Number(generation), change }
  })
}
