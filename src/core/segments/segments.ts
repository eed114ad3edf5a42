import { decodeCursor } from '../../lib/cursor.ts'
import { isUuid, newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { cutPage, foreignCursor, pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import { findCounters } from '../../storage/counters.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
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
import { countMembers, estimateMembers, findMembers } from '../../storage/segments/members.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { runOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'
import { readDefinition } from './read-definition.ts'

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

/** A page of members in the order of their ids, and when it was computed. */
export interface MemberPage extends Page<number> {
  computedAt: Instant
}

/** Segments of workspaces: definitions, and who belongs to them by now. */
export interface Segments {
  /** Newest first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
  list(workspaceId: number, page: { cursor: string | undefined; limit: number }): Promise<Page<SegmentRow>>
  /** @throws CDP_SEGMENT_NOT_FOUND */
  get(key: SegmentKey): Promise<SegmentRow>
  /** @throws CDP_SEGMENT_INVALID CDP_SEGMENT_TAKEN the workspace has one of this name */
  create(workspace: Workspace, draft: SegmentDraft, by: Actor, once?: OnceRequest): Promise<SegmentRow>
  /** Replaces name and definition. @throws CDP_SEGMENT_NOT_FOUND, and as `create` */
  update(
    workspace: Workspace,
    segmentId: string,
    draft: SegmentDraft,
    by: Actor,
    once?: OnceRequest,
  ): Promise<SegmentRow>
  /** @throws CDP_SEGMENT_NOT_FOUND */
  delete(key: SegmentKey, by: Actor, once?: OnceRequest): Promise<void>
  /** Who would belong to a segment of this definition; nothing is stored. @throws CDP_SEGMENT_INVALID */
  preview(workspace: Workspace, definition: unknown): Promise<SegmentPreview>
  /**
   * Ids of members, computed for each page: somebody who stops or begins to belong to it between two pages may be missing.
   * @throws CDP_SEGMENT_NOT_FOUND CDP_QUERY_INVALID the cursor is none of this list's
   */
  members(
    workspace: Workspace,
    segmentId: string,
    page: { cursor: string | undefined; limit: number },
  ): Promise<MemberPage>
}

/** Of the two seconds that a preview may take; the rest is for the estimate. */
const COUNT_TIMEOUT_MS = 1_500

/** Members that a preview shows. */
const SAMPLE_SIZE = 10

/**
 * Opens segments over a database.
 * @param secretKey seals what is kept under an Idempotency-Key
 * @param countTimeoutMs after which a preview estimates
 */
export function openSegments(
  db: Database,
  secretKey: Buffer,
  countTimeoutMs: number = COUNT_TIMEOUT_MS,
): Segments {
  return {
    list: async (workspaceId, { cursor, limit }) => {
      const after = readPlace(cursor)
      const rows = await guarded(() => findSegments(db.general, workspaceId, { after, limit: limit + 1 }))
      const place = ({ createdAt: at, segmentId: id }: SegmentRow) => ({ at, id })
      return pageOf(rows, limit, place, (row) => row)
    },
    get: (key) => getSegment(db, key),
    create: async (workspace, draft, by, once) => {
      const row = newRow(workspace, draft, by)
      return runOnce(db, secretKey, once, async (tx) => {
        if (!(await insertSegment(tx, row))) throw nameTaken()
        await note(tx, 'segment.create', row, by)
        return row
      })
    },
    update: async (workspace, segmentId, draft, by, once) => {
      const written = newRow(workspace, draft, by)
      return runOnce(db, secretKey, once, (tx) => replace(tx, { ...written, segmentId }, by))
    },
    delete: async (key, by, once) => {
      await runOnce(db, secretKey, once, async (tx) => {
        const name = isUuid(key.segmentId) ? await deleteSegment(tx, key) : undefined
        if (name === undefined) throw new CdpError('CDP_SEGMENT_NOT_FOUND')
        await note(tx, 'segment.delete', { ...key, name }, by)
        return true
      })
    },
    preview: (workspace, definition) => preview(db, workspace, definition, countTimeoutMs),
    members: (workspace, segmentId, page) => listMembers(db, workspace, segmentId, page),
  }
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

async function getSegment(db: Database, key: SegmentKey): Promise<SegmentRow> {
  const row = isUuid(key.segmentId) ? await guarded(() => findSegment(db.general, key)) : undefined
  if (!row) throw new CdpError('CDP_SEGMENT_NOT_FOUND')
  return row
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

async function replace(tx: Transaction, written: SegmentRow, by: Actor): Promise<SegmentRow> {
  const stored = isUuid(written.segmentId) ? await lockSegment(tx, written) : undefined
  if (!stored) throw new CdpError('CDP_SEGMENT_NOT_FOUND')
  const { createdAt, createdBy, version } = stored
  const row = { ...written, createdAt, createdBy, version: version + 1 }
  if (!(await updateSegment(tx, row))) throw nameTaken()
  await note(tx, 'segment.update', row, by)
  return row
}

function nameTaken(): CdpError {
  return new CdpError('CDP_SEGMENT_TAKEN', { pointer: '/name' })
}

async function note(
  tx: Transaction,
  action: string,
  { workspaceId, segmentId, name }: SegmentKey & { name: string },
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
  const definition = readDefinition(sent, { now: computedAt, timezone }, '/definition')
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

async function listMembers(
  db: Database,
  workspace: Workspace,
  segmentId: string,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<MemberPage> {
  const afterId = readMember(cursor)
  const { definition } = await getSegment(db, { workspaceId: workspace.id, segmentId })
  const computedAt = now()
  const scope = { workspaceId: workspace.id, timezone: workspace.settings.timezone, now: computedAt }
  const ids = await guarded(() => findMembers(db.analysis, definition, { scope, afterId, limit: limit + 1 }))
  return { ...cutPage(ids, limit, (id) => [id]), computedAt }
}

function readMember(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const parts = decodeCursor(cursor) ?? []
  const [id] = parts
  if (parts.length !== 1 || !Number.isSafeInteger(id)) throw foreignCursor()
  return Number(id)
}
