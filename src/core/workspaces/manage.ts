import { randomUUID } from 'node:crypto'
import type { TSchema } from 'typebox'
import { sha256Of } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { settingsSchema } from '../../model/workspace-settings.ts'
import type { VendorSettings } from '../../model/workspace-settings.ts'
import type { ManagedBy } from '../../model/workspace.ts'
import { brokenUniqueConstraint, guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { newId } from '../../storage/id-blocks.ts'
import {
  archiveWorkspace,
  findWorkspaceForChange,
  findWorkspaces,
  insertWorkspace,
  updateWorkspace,
} from '../../storage/workspaces.ts'
import { joinWorkspace } from '../../storage/users.ts'
import type { WorkspaceRow } from '../../storage/workspaces.ts'
import { createApiKey } from '../access/index.ts'
import { COMMAND_LINE, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { runOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'
import { mergePatch, parseDraft, parsePatch, refuse } from './drafts.ts'
import { DEFAULT_SETTINGS, openSettingsForm } from './settings.ts'
import type { FlatSettings, SettingsForm } from './settings.ts'

/** A workspace as it is managed at run time. */
export interface ManagedWorkspace {
  id: number
  guid: string
  name: string
  settings: FlatSettings
  managedBy: ManagedBy
  createdAt: Instant
  archivedAt: Instant | undefined
  /** Changes whenever anything above does. */
  version: string
}

/** A new workspace, and the secret of its first native key, which is shown only now. */
export interface NewWorkspace {
  workspace: ManagedWorkspace
  secret: string
}

/** How a change is asked for. */
export interface ChangeRequest {
  once?: OnceRequest | undefined
  /** Versions under which the change may happen; undefined takes any. */
  ifVersions?: readonly string[] | undefined
  /** Who asks; somebody at the command line when left out. */
  by?: Actor
}

/** The workspaces of an installation, as they are managed at run time. What the file declares is read-only. */
export interface Workspaces {
  /** The schema of settings as people write them. */
  readonly settingsSchema: TSchema
  /** The living workspaces; for the operator only, a credential opens one. */
  list(): Promise<ManagedWorkspace[]>
  /** @throws CDP_WORKSPACE_NOT_FOUND */
  get(workspaceId: number): Promise<ManagedWorkspace>
  /**
   * Makes a workspace and a first native key for it.
   * @param draft `{name, guid?, settings?}`, from anywhere: it is checked here
   * @throws CDP_BODY_INVALID CDP_WORKSPACE_TAKEN
   */
  create(draft: unknown, request?: ChangeRequest): Promise<NewWorkspace>
  /**
   * Renames and configures.
   * @param patch `{name?, settings?}`, from anywhere; `settings` is a merge patch (RFC 7396), null gives the default
   * @throws CDP_WORKSPACE_NOT_FOUND CDP_MANAGED_BY_CONFIG CDP_PRECONDITION_FAILED CDP_BODY_INVALID CDP_WORKSPACE_TAKEN
   */
  change(workspaceId: number, patch: unknown, request?: ChangeRequest): Promise<ManagedWorkspace>
  /**
   * Archives: the data stays, the credentials open nothing.
   * @throws CDP_WORKSPACE_NOT_FOUND CDP_MANAGED_BY_CONFIG CDP_PRECONDITION_FAILED
   */
  archive(workspaceId: number, request?: ChangeRequest): Promise<void>
}

/** What the management of workspaces needs. */
export interface WorkspacesOptions {
  db: Database
  /** 32 bytes: seals what is kept under an Idempotency-Key; needed where requests may have one. */
  secretKey?: Buffer
  /** The settings that the dialects declare. */
  vendors: VendorSettings
  /** Called after each change, so that this process forgets what it remembers of workspaces. */
  onChange: () => void
}

/** Opens the management of workspaces. Other processes notice a change once they have forgotten what they read. */
export function openWorkspaces({ db, secretKey, vendors, onChange }: WorkspacesOptions): Workspaces {
  const form = openSettingsForm(vendors)
  const write = async <Outcome>(
    request: ChangeRequest,
    work: (tx: Transaction) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const outcome = await runOnce(db, secretKey, request.once, work)
    onChange()
    return outcome
  }
  const list = async (): Promise<ManagedWorkspace[]> =>
    (await guarded(() => findWorkspaces(db.general))).map((row) => describe(row, form))
  return {
    settingsSchema: settingsSchema(vendors),
    list,
    get: async (workspaceId) => {
      const found = (await list()).find(({ id }) => id === workspaceId)
      if (!found) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
      return found
    },
    create: (draft, request = {}) =>
      write(request, (tx) => createWorkspace(tx, db, form, draft, actorOf(request))),
    change: (workspaceId, patch, request = {}) =>
      write(request, async (tx) =>
        changeWorkspace(
          tx,
          form,
          await findChangeable(tx, form, workspaceId, request),
          patch,
          actorOf(request),
        ),
      ),
    archive: (workspaceId, request = {}) =>
      write(request, async (tx) => {
        const { id, name } = await findChangeable(tx, form, workspaceId, request)
        await archiveWorkspace(tx, id, now())
        await record(tx, { actor: actorOf(request), workspaceId, action: 'workspace.archive', object: name })
        return null
      }).then(() => undefined),
  }
}

async function createWorkspace(
  tx: Transaction,
  db: Database,
  form: SettingsForm,
  draft: unknown,
  actor: Actor,
): Promise<NewWorkspace> {
  const { name, guid = randomUUID(), settings = {} } = parseDraft(draft)
  const row = {
    id: await newId(db.general, 'workspace'),
    guid: guid.toLowerCase(),
    name,
    settings: toStored(form, settings, DEFAULT_SETTINGS),
    managedBy: 'api' as const,
  }
  const made = await insertWorkspace(tx, row, now()).catch(refuseTaken)
  const { secret } = await createApiKey(tx, db, made.id, { scope: 'native' })
  // Who makes one works in it: an admin reaches only where it is a member.
  if (actor.kind === 'user') await joinWorkspace(tx, actor.label, made.id)
  await record(tx, { actor, workspaceId: made.id, action: 'workspace.create', object: name })
  return { workspace: describe(made, form), secret }
}

async function changeWorkspace(
  tx: Transaction,
  form: SettingsForm,
  row: WorkspaceRow,
  patch: unknown,
  actor: Actor,
): Promise<ManagedWorkspace> {
  const { name = row.name, settings } = parsePatch(patch)
  const flat = mergePatch(form.show(row.settings), settings ?? {})
  const changed = { id: row.id, name, settings: toStored(form, flat, row.settings) }
  const detail = { ...(name !== row.name && { name }), ...(settings && { settings }) }
  await record(tx, { actor, workspaceId: row.id, action: 'workspace.change', object: row.name, detail })
  return describe(await updateWorkspace(tx, changed).catch(refuseTaken), form)
}

function actorOf({ by = COMMAND_LINE }: ChangeRequest): Actor {
  return by
}

async function findChangeable(
  tx: Transaction,
  form: SettingsForm,
  workspaceId: number,
  { ifVersions }: ChangeRequest,
): Promise<WorkspaceRow> {
  const row = await findWorkspaceForChange(tx, workspaceId)
  if (!row) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
  if (row.managedBy === 'config') throw new CdpError('CDP_MANAGED_BY_CONFIG')
  if (ifVersions && !ifVersions.includes(describe(row, form).version))
    throw new CdpError('CDP_PRECONDITION_FAILED')
  return row
}

/** @throws CDP_BODY_INVALID with a pointer below `/settings` */
function toStored(
  form: SettingsForm,
  flat: FlatSettings,
  before: WorkspaceRow['settings'],
): WorkspaceRow['settings'] {
  const settings = structuredClone(flat)
  const [violation] = form.check(settings)
  if (violation) throw refuse({ ...violation, path: ['settings', ...violation.path] })
  return form.toStored(settings, before)
}

function refuseTaken(error: unknown): never {
  const constraint = brokenUniqueConstraint(error)
  if (constraint === undefined) throw error
  const pointer = constraint === 'workspace_name' ? '/name' : '/guid'
  throw new CdpError('CDP_WORKSPACE_TAKEN', { pointer })
}

function describe(row: WorkspaceRow, form: SettingsForm): ManagedWorkspace {
  const { id, guid, name, managedBy, createdAt, archivedAt } = row
  const settings = form.show(row.settings)
  const version = sha256Of(guid, name, managedBy, JSON.stringify(settings)).toString('hex', 0, 12)
  return { id, guid, name, settings, managedBy, createdAt, archivedAt, version }
}
