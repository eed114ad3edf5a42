import { isUuid, newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import {
  deleteComputed,
  findAllComputed,
  findComputed,
  findComputedPage,
  findMentions,
  insertComputed,
  lockComputed,
  updateComputed,
} from '../../storage/computed.ts'
import type { ComputedKey, ComputedRow } from '../../storage/computed.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable, Transaction } from '../../storage/db.ts'
import { outdateGenerations } from '../../storage/segments/passes.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { requireVersion, runOnce } from '../idempotency/index.ts'
import type { ChangeRequest, OnceRequest } from '../idempotency/index.ts'
import { readComputed } from './read-computed.ts'
import { referencesIn } from './references.ts'
import { byIdOf, requireSoundAmong } from './resolve.ts'
import { previewValue, valuesOf } from './values.ts'
import type { PreviewRequest, ProfileValue, ProfileValues } from './values.ts'

/** What a caller says about an aggregate or an expression; the definition is not checked yet. */
export interface ComputedDraft {
  kind: ComputedRow['kind']
  name: string
  definition: unknown
}

/** Aggregates and expressions of workspaces: definitions, and their values. */
export interface ComputedValues {
  /** Newest first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
  list(
    of: Pick<ComputedKey, 'workspaceId' | 'kind'>,
    page: { cursor: string | undefined; limit: number },
  ): Promise<Page<ComputedRow>>
  /** @throws CDP_COMPUTED_NOT_FOUND */
  get(key: ComputedKey): Promise<ComputedRow>
  /** @throws CDP_COMPUTED_INVALID CDP_COMPUTED_TAKEN the workspace has one of this name, of either kind */
  create(workspace: Workspace, draft: ComputedDraft, by: Actor, once?: OnceRequest): Promise<ComputedRow>
  /** Replaces name and definition. @throws CDP_COMPUTED_NOT_FOUND CDP_PRECONDITION_FAILED, and as `create` */
  update(
    workspace: Workspace,
    computedId: string,
    draft: ComputedDraft,
    by: Actor,
    request?: ChangeRequest,
  ): Promise<ComputedRow>
  /** @throws CDP_COMPUTED_NOT_FOUND CDP_PRECONDITION_FAILED CDP_COMPUTED_IN_USE a segment or an expression refers to it */
  delete(key: ComputedKey, by: Actor, request?: ChangeRequest): Promise<void>
  /** See {@link valuesOf}. */
  values(workspace: Workspace, profileId: number, ids?: readonly string[]): Promise<ProfileValues>
  /** See {@link previewValue}. */
  preview(workspace: Workspace, request: PreviewRequest): Promise<ProfileValue>
}

/** Opens computed values over a database. @param secretKey seals what is kept under an Idempotency-Key */
export function openComputed(db: Database, secretKey: Buffer): ComputedValues {
  return {
    list: async (of, { cursor, limit }) => {
      const after = readPlace(cursor)
      const rows = await guarded(() => findComputedPage(db.general, of, { after, limit: limit + 1 }))
      const place = ({ createdAt: at, computedId: id }: ComputedRow) => ({ at, id })
      return pageOf(rows, limit, place, (row) => row)
    },
    get: (key) => guarded(() => getComputed(db.general, key)),
    create: async (workspace, draft, by, once) => {
      const row = newRow(workspace, draft, by)
      return runOnce(db, secretKey, once, (tx) => insert(tx, row, by))
    },
    update: async (workspace, computedId, draft, by, request = {}) => {
      const written = { ...newRow(workspace, draft, by), computedId }
      return runOnce(db, secretKey, request.once, async (tx) =>
        replace(tx, { stored: await hold(tx, written, request), written }, by),
      )
    },
    delete: async (key, by, request = {}) => {
      await runOnce(db, secretKey, request.once, async (tx) => remove(tx, await hold(tx, key, request), by))
    },
    values: (workspace, profileId, ids) => valuesOf(db, workspace, profileId, ids),
    preview: (workspace, request) => previewValue(db, workspace, request),
  }
}

async function getComputed(db: Queryable, key: ComputedKey): Promise<ComputedRow> {
  const row = isUuid(key.computedId) ? await findComputed(db, key) : undefined
  if (!row) throw new CdpError('CDP_COMPUTED_NOT_FOUND')
  return row
}

function newRow(workspace: Workspace, { kind, name, definition }: ComputedDraft, by: Actor): ComputedRow {
  const at = now()
  const { timezone } = workspace.settings
  return {
    ...readComputed(kind, definition, { now: at, timezone }, '/definition'),
    workspaceId: workspace.id,
    computedId: newUuid(),
    name,
    version: 1,
    createdAt: at,
    createdBy: by.label,
    updatedAt: at,
    updatedBy: by.label,
  }
}

async function insert(tx: Transaction, row: ComputedRow, by: Actor): Promise<ComputedRow> {
  await lockComputed(tx, row.workspaceId)
  await requireSound(tx, row)
  if (!(await insertComputed(tx, row))) throw nameTaken()
  await note(tx, 'create', row, by)
  return row
}

/** The definition of a key; neither it nor any other of the workspace changes until the transaction is over. */
async function hold(tx: Transaction, key: ComputedKey, request: ChangeRequest): Promise<ComputedRow> {
  await lockComputed(tx, key.workspaceId)
  const row = await getComputed(tx, key)
  requireVersion(row, request)
  return row
}

async function replace(
  tx: Transaction,
  { stored, written }: { stored: ComputedRow; written: ComputedRow },
  by: Actor,
): Promise<ComputedRow> {
  const { computedId, createdAt, createdBy, version } = stored
  const row = { ...written, computedId, createdAt, createdBy, version: version + 1 }
  await requireSound(tx, row)
  if (!(await updateComputed(tx, row))) throw nameTaken()
  await outdateGenerations(tx, row, row.updatedAt)
  await note(tx, 'update', row, by)
  return row
}

async function remove(tx: Transaction, row: ComputedRow, by: Actor): Promise<boolean> {
  const users = (await findMentions(tx, row)).filter(({ definition }) =>
    referencesIn(definition).some(({ id }) => id === row.computedId),
  )
  if (users.length > 0) throw inUse(users)
  await deleteComputed(tx, row)
  await note(tx, 'delete', row, by)
  return true
}

/** @throws CDP_COMPUTED_INVALID an id leads nowhere, back, or to too much */
async function requireSound(tx: Transaction, row: ComputedRow): Promise<void> {
  if (row.kind === 'aggregate') return
  requireSoundAmong(row, row.computedId, byIdOf(await findAllComputed(tx, row.workspaceId)))
}

function nameTaken(): CdpError {
  return new CdpError('CDP_COMPUTED_TAKEN', { pointer: '/name' })
}

/** So many users are named in a refusal. */
const USERS_NAMED = 5

function inUse(users: readonly { kind: string; name: string }[]): CdpError {
  const names = users.slice(0, USERS_NAMED).map(({ kind, name }) => `the ${kind} "${name}"`)
  const more = users.length - names.length
  const all = [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ')
  return new CdpError('CDP_COMPUTED_IN_USE', { detail: `It is used by ${all}.` })
}

async function note(tx: Transaction, what: string, row: ComputedRow, actor: Actor): Promise<void> {
  const { workspaceId, computedId, kind, name } = row
  await record(tx, { actor, workspaceId, action: `${kind}.${what}`, object: computedId, detail: { name } })
}
