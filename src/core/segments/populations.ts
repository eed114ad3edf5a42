import { isUuid, newUuid } from '../../lib/ids.ts'
import { DAY_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Population } from '../../model/population.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable, Transaction } from '../../storage/db.ts'
import { newId } from '../../storage/id-blocks.ts'
import { findGenerations } from '../../storage/segments/generations.ts'
import { expireLocalSegments, insertLocalSegment } from '../../storage/segments/local.ts'
import {
  expireMaterializations,
  findMaterialized,
  hasMaterialization,
  insertMaterialization,
} from '../../storage/segments/materializations.ts'
import type { MaterializationKey } from '../../storage/segments/materializations.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { runOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'
import { definitionOf } from './definition-of.ts'
import type { WhichSegments } from './definition-of.ts'
import { onlyWith } from './only-with.ts'
import { readDefinition } from './read-definition.ts'
import { resolveDefinition } from './resolve-definition.ts'
import { servedOf } from './status.ts'

/** A segment for one occasion, as a caller says it; the definition is not checked yet. */
export interface LocalDraft {
  name: string | undefined
  definition: unknown
  /** Where in the request the definition stands, as a JSON pointer. */
  pointer: string
  /** Only profiles with an e-mail, or only those without. */
  hasEmail: boolean | undefined
}

/** A copy of who belonged to a segment at one instant. */
export interface Materialization {
  materializationId: number
  count: number
  expiresAt: Instant
}

/** Who belongs to segments, for whoever reads or copies all of them; and the segments of one occasion. */
export interface Populations {
  /**
   * Makes a segment that no list of segments has, and that goes after a day.
   * @returns its id
   * @throws CDP_SEGMENT_INVALID
   */
  createLocal(workspace: Workspace, draft: LocalDraft, by: Actor, once?: OnceRequest): Promise<string>
  /** See {@link findPopulation}. @throws CDP_SEGMENT_NOT_FOUND */
  of(workspace: Workspace, segmentId: string, which: WhichSegments): Promise<Population>
  /** Copies who belongs to a segment of either kind; the copy goes after a day. @throws CDP_SEGMENT_NOT_FOUND */
  materialize(
    workspace: Workspace,
    segmentId: string,
    by: Actor,
    once?: OnceRequest,
  ): Promise<Materialization>
  /**
   * Ids of living profiles of a copy, the newest first. A place whose profile is deleted by now gives nobody; whoever was merged
   * is given by the survivor, each once.
   * @throws CDP_MATERIALIZATION_NOT_FOUND there is none, or its time is over
   */
  materialized(key: MaterializationKey, page: { offset: number; limit: number }): Promise<number[]>
}

/** How long a segment of one occasion and a copy are there. @assumed a day: who needs them works with them at once */
const LIFETIME_MS = DAY_MS

/** Opens populations over a database. @param secretKey seals what is kept under an Idempotency-Key */
export function openPopulations(db: Database, secretKey: Buffer): Populations {
  return {
    createLocal: (workspace, draft, by, once) =>
      runOnce(db, secretKey, once, (tx) => createLocal(tx, workspace, draft, by)),
    of: (workspace, segmentId, which) =>
      guarded(() => findPopulation(db.general, workspace, segmentId, which)),
    materialize: async (workspace, segmentId, by, once) => {
      const materializationId = await guarded(() => newId(db.background, 'materialization'))
      const key = { workspaceId: workspace.id, materializationId }
      return runOnce(db, secretKey, once, (tx) => materialize(tx, workspace, { ...key, segmentId }, by))
    },
    materialized: (key, page) =>
      guarded(async () => {
        if (await hasMaterialization(db.general, key, now())) return findMaterialized(db.general, key, page)
        throw new CdpError('CDP_MATERIALIZATION_NOT_FOUND')
      }),
  }
}

async function createLocal(
  tx: Transaction,
  { id: workspaceId, settings: { timezone } }: Workspace,
  { name, definition, pointer, hasEmail }: LocalDraft,
  by: Actor,
): Promise<string> {
  const at = now()
  const read = readDefinition(definition, { now: at, timezone }, pointer)
  const resolved = await resolveDefinition(tx, workspaceId, read, pointer)
  const segmentId = newUuid()
  await insertLocalSegment(tx, {
    workspaceId,
    segmentId,
    name,
    definition: onlyWith(resolved, hasEmail),
    createdAt: at,
    createdBy: by.label,
    expiresAt: at + LIFETIME_MS,
  })
  const action = 'segment.create-local'
  await record(tx, { actor: by, workspaceId, action, object: segmentId, detail: { name: name ?? null } })
  return segmentId
}

/**
 * Who belongs to a segment: its kept members, where they were ever whole.
 * @throws CDP_SEGMENT_NOT_FOUND there is none of these, or its time is over
 */
async function findPopulation(
  db: Queryable,
  { id: workspaceId, settings: { timezone } }: Workspace,
  segmentId: string,
  which: WhichSegments,
): Promise<Population> {
  if (!isUuid(segmentId)) throw new CdpError('CDP_SEGMENT_NOT_FOUND')
  const kept = which === 'local' ? undefined : servedOf(await findGenerations(db, workspaceId, [segmentId]))
  if (kept) return { source: 'kept', segmentId, generation: kept.generation, size: kept.members }
  const definition = await definitionOf(db, { workspaceId, segmentId }, which)
  return { source: 'computed', definition, timezone, now: now() }
}

async function materialize(
  tx: Transaction,
  workspace: Workspace,
  { segmentId, ...key }: MaterializationKey & { segmentId: string },
  by: Actor,
): Promise<Materialization> {
  const population = await findPopulation(tx, workspace, segmentId, 'any')
  const createdAt = now()
  const expiresAt = createdAt + LIFETIME_MS
  const row = { ...key, segmentId, createdAt, createdBy: by.label, expiresAt }
  const count = await insertMaterialization(tx, row, population)
  const { workspaceId, materializationId } = key
  const action = 'segment.materialize'
  await record(tx, {
    actor: by,
    workspaceId,
    action,
    object: segmentId,
    detail: { materializationId, count },
  })
  return { materializationId, count, expiresAt }
}

/** Rows of copies that are deleted at a time. */
const FORGET_MAX = 5_000

/** Forgets the segments of one occasion and the copies whose time is over. Safe to run by several processes at once. */
export async function forgetPopulations(db: Database): Promise<void> {
  const at = now()
  await expireLocalSegments(db.background, at)
  while (await expireMaterializations(db.background, at, FORGET_MAX));
}
