import { isUuid, newUuid } from '../../lib/ids.ts'
import { jsonEquals } from '../../lib/json.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import { findCounters } from '../../storage/counters.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable, Transaction } from '../../storage/db.ts'
import {
  deleteSegment,
  findSegment,
  findSegmentByName,
  findSegments,
  insertSegment,
  lockSegment,
  updateSegment,
} from '../../storage/segments/definitions.ts'
import type { SegmentKey, SegmentRow } from '../../storage/segments/definitions.ts'
import { beginGeneration, dropGenerations } from '../../storage/segments/generations.ts'
import type { SegmentSize } from '../../storage/segments/kept-members.ts'
import { countMembers, estimateMembers } from '../../storage/segments/members.ts'
import { restartPass } from '../../storage/segments/passes.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { requireVersion, runOnce } from '../idempotency/index.ts'
import type { ChangeRequest, OnceRequest } from '../idempotency/index.ts'
import type { Profiles } from '../profiles/index.ts'
import { listMembers, listMemberships, listSizes, readLag } from './membership.ts'
import type { MemberPage, Memberships, PageRequest } from './membership.ts'
import { readDefinition } from './read-definition.ts'
import { requireResolvable, resolveDefinition } from './resolve-definition.ts'
import { withStatus } from './status.ts'
import type { Segment } from './status.ts'

/** What a caller says about a segment; the definition is not checked yet. */
export interface SegmentDraft {
  name: string
  definition: unknown
}

/** Who would belong to a segment. */
export interface SegmentPreview {
  count: number
  /** The count is what a sample of the profiles lets expect, because counting took too long. */
  isEstimated: boolean
  /** Ids of some members, the newest first. */
  sample: readonly number[]
  computedAt: Instant
}

/** Segments of workspaces: definitions, and who belongs to them by now. */
export interface Segments {
  /** Newest first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
  list(workspaceId: number, page: PageRequest): Promise<Page<Segment>>
  /** @throws CDP_SEGMENT_NOT_FOUND */
  get(key: SegmentKey): Promise<Segment>
  /** @throws CDP_SEGMENT_INVALID CDP_SEGMENT_TAKEN the workspace has one of this name */
  create(workspace: Workspace, draft: SegmentDraft, by: Actor, once?: OnceRequest): Promise<Segment>
  /**
   * Replaces name and definition. Members of the definition before are served until those of the new one are whole.
   * @throws CDP_SEGMENT_NOT_FOUND CDP_PRECONDITION_FAILED, and as `create`
   */
  update(
    workspace: Workspace,
    segmentId: string,
    draft: SegmentDraft,
    by: Actor,
    request?: ChangeRequest,
  ): Promise<Segment>
  /** Looks at all profiles anew, also where that was given up. @throws CDP_SEGMENT_NOT_FOUND */
  recompute(key: SegmentKey, by: Actor, once?: OnceRequest): Promise<Segment>
  /** @throws CDP_SEGMENT_NOT_FOUND CDP_PRECONDITION_FAILED */
  delete(key: SegmentKey, by: Actor, request?: ChangeRequest): Promise<void>
  /** Who would belong to a segment of this definition; nothing is stored. @throws CDP_SEGMENT_INVALID */
  preview(workspace: Workspace, definition: unknown): Promise<SegmentPreview>
  /**
   * Members, in the order of their ids. While the segment was never whole they are computed for each page.
   * @throws CDP_SEGMENT_NOT_FOUND CDP_QUERY_INVALID the cursor is none of this list's
   */
  members(workspace: Workspace, segmentId: string, page: PageRequest): Promise<MemberPage>
  /** The segments that a profile belongs to. @throws CDP_PROFILE_NOT_FOUND */
  memberships(workspace: Workspace, profileId: number): Promise<Memberships>
  /** By how many milliseconds members are behind what was written, over all workspaces. */
  lagMs(): Promise<number>
  /** How large a segment was: the last number of every hour in which it changed, newest first. @throws as `members` */
  sizes(key: SegmentKey, range: PageRequest & { from: Instant; to: Instant }): Promise<Page<SegmentSize>>
}

/** Of the two seconds that a preview may take; the rest is for the estimate. */
const COUNT_TIMEOUT_MS = 1_500

/** Members that a preview shows. */
const SAMPLE_SIZE = 10

/** What segments need. */
export interface SegmentsOptions {
  db: Database
  /** Seals what is kept under an Idempotency-Key. */
  secretKey: Buffer
  profiles: Pick<Profiles, 'idsOf'>
  /** After so many milliseconds a preview estimates. */
  countTimeoutMs?: number
}

/** Opens segments over a database. */
export function openSegments({
  db,
  secretKey,
  profiles,
  countTimeoutMs = COUNT_TIMEOUT_MS,
}: SegmentsOptions): Segments {
  return {
    list: (workspaceId, page) => listSegments(db, workspaceId, page),
    get: (key) => getSegment(db, key),
    create: async (workspace, draft, by, once) => {
      const row = newRow(workspace, draft, by)
      return runOnce(db, secretKey, once, async (tx) => {
        await requireResolvable(tx, row)
        if (!(await insertSegment(tx, row))) throw nameTaken()
        await note(tx, 'segment.create', row, by)
        return begin(tx, workspace, row)
      })
    },
    update: async (workspace, segmentId, draft, by, request = {}) => {
      const written = { ...newRow(workspace, draft, by), segmentId }
      return runOnce(db, secretKey, request.once, async (tx) => {
        const stored = await hold(tx, written, request)
        return replace(tx, workspace, { stored, written }, by)
      })
    },
    recompute: async (key, by, once) =>
      runOnce(db, secretKey, once, async (tx) => {
        const row = await hold(tx, key)
        await restartPass(tx, key, now())
        await note(tx, 'segment.recompute', row, by)
        return shown(tx, row)
      }),
    delete: async (key, by, request = {}) => {
      await runOnce(db, secretKey, request.once, async (tx) => remove(tx, await hold(tx, key, request), by))
    },
    preview: (workspace, definition) => preview(db, workspace, definition, countTimeoutMs),
    members: async (workspace, segmentId, page) =>
      listMembers(db, workspace, await getRow(db, { workspaceId: workspace.id, segmentId }), page),
    memberships: async (workspace, profileId) => {
      const [livingId = profileId] = await profiles.idsOf(workspace, profileId)
      return listMemberships(db, workspace, livingId)
    },
    lagMs: () => readLag(db),
    sizes: async (key, range) => listSizes(db, await getRow(db, key), range),
  }
}

async function listSegments(
  db: Database,
  workspaceId: number,
  { cursor, limit }: PageRequest,
): Promise<Page<Segment>> {
  const after = readPlace(cursor)
  return guarded(async () => {
    const rows = await findSegments(db.general, workspaceId, { after, limit: limit + 1 })
    const place = ({ createdAt: at, segmentId: id }: SegmentRow) => ({ at, id })
    return pageOf(await withStatus(db.general, rows), limit, place, (row) => row)
  })
}

/** The segment of a workspace that has this name, or this id; undefined when there is none. */
export async function findNamedSegment(
  db: Database,
  workspaceId: number,
  nameOrId: string,
): Promise<SegmentRow | undefined> {
  const named = await guarded(() => findSegmentByName(db.general, workspaceId, nameOrId))
  if (named || !isUuid(nameOrId)) return named
  return guarded(() => findSegment(db.general, { workspaceId, segmentId: nameOrId }))
}

async function getSegment(db: Database, key: SegmentKey): Promise<Segment> {
  const row = await getRow(db, key)
  return guarded(() => shown(db.general, row))
}

async function getRow(db: Database, key: SegmentKey): Promise<SegmentRow> {
  return found(isUuid(key.segmentId) ? await guarded(() => findSegment(db.general, key)) : undefined)
}

/** The segment of a key, which nobody else changes until the transaction is over. */
async function hold(tx: Transaction, key: SegmentKey, request: ChangeRequest = {}): Promise<SegmentRow> {
  const row = found(isUuid(key.segmentId) ? await lockSegment(tx, key) : undefined)
  requireVersion(row, request)
  return row
}

function found(row: SegmentRow | undefined): SegmentRow {
  if (!row) throw new CdpError('CDP_SEGMENT_NOT_FOUND')
  return row
}

async function shown(db: Queryable, row: SegmentRow): Promise<Segment> {
  const [segment] = await withStatus(db, [row])
  if (!segment) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'a segment without its status' })
  return segment
}

async function begin(
  tx: Transaction,
  { settings: { timezone } }: Workspace,
  row: SegmentRow,
): Promise<Segment> {
  const definition = await resolveDefinition(tx, row.workspaceId, row.definition)
  await beginGeneration(tx, row, { definition, timezone, at: row.updatedAt })
  return shown(tx, row)
}

function newRow(workspace: Workspace, { name, definition }: SegmentDraft, by: Actor): SegmentRow {
  const at = now()
  const { timezone } = workspace.settings
  return {
    workspaceId: workspace.id,
    segmentId: newUuid(),
    name,
    definition: readDefinition(definition, { now: at, timezone }, '/definition'),
    version: 1,
    createdAt: at,
    createdBy: by.label,
    updatedAt: at,
    updatedBy: by.label,
  }
}

async function replace(
  tx: Transaction,
  workspace: Workspace,
  { stored, written }: { stored: SegmentRow; written: SegmentRow },
  by: Actor,
): Promise<Segment> {
  const { createdAt, createdBy, version, name } = stored
  const isNew = !jsonEquals(stored.definition, written.definition)
  const isChanged = isNew || name !== written.name
  const row = { ...written, createdAt, createdBy, version: isChanged ? version + 1 : version }
  await requireResolvable(tx, row)
  if (!(await updateSegment(tx, row))) throw nameTaken()
  await note(tx, 'segment.update', row, by)
  return isNew ? begin(tx, workspace, row) : shown(tx, row)
}

async function remove(tx: Transaction, row: SegmentRow, by: Actor): Promise<true> {
  await deleteSegment(tx, row)
  await dropGenerations(tx, row)
  await note(tx, 'segment.delete', row, by)
  return true
}

function nameTaken(): CdpError {
  return new CdpError('CDP_SEGMENT_TAKEN', { pointer: '/name' })
}

async function note(
  tx: Transaction,
  action: string,
  { workspaceId, segmentId, name }: SegmentRow,
  actor: Actor,
): Promise<void> {
  await record(tx, { actor, workspaceId, action, object: segmentId, detail: { name } })
}

async function preview(
  db: Database,
  { id: workspaceId, settings: { timezone } }: Workspace,
  sent: unknown,
  timeoutMs: number,
): Promise<SegmentPreview> {
  const computedAt = now()
  const read = readDefinition(sent, { now: computedAt, timezone }, '/definition')
  const definition = await resolveDefinition(db.general, workspaceId, read, '/definition')
  const scope = { workspaceId, timezone, now: computedAt }
  return guarded(async () => {
    const options = { timeoutMs, sampleSize: SAMPLE_SIZE }
    const counted = await countMembers(db.analysis, definition, scope, options)
    if (counted) return { ...counted, isEstimated: false, computedAt }
    const { share, sample } = await estimateMembers(db.analysis, definition, scope, SAMPLE_SIZE)
    const counters = await findCounters(db.general, workspaceId)
    const total = counters.find(({ dialect, name }) => dialect === '' && name === 'profiles')?.value ?? 0
    return {
      count: Math.max(Math.round(share * total), sample.length),
      isEstimated: true,
      sample,
      computedAt,
    }
  })
}
