import type { ManagedBy, Workspace, WorkspaceSettings } from '../model/workspace.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

interface StoredWorkspace {
  workspace_id: number
  guid: string
  name: string
  settings: WorkspaceSettings
  managed_by: ManagedBy
  created_at: Date
  archived_at: Date | null
}

/** A workspace, who made it and when. */
export interface WorkspaceRow extends Workspace {
  managedBy: ManagedBy
  createdAt: Instant
  archivedAt: Instant | undefined
}

/** What decides the content of a workspace's row. */
export type WorkspaceState = Omit<WorkspaceRow, 'createdAt' | 'archivedAt'>

const COLUMNS = 'workspace_id, guid, name, settings, managed_by, created_at, archived_at'

const findAll = prepared<StoredWorkspace>(
  'workspace-find-all',
  `select ${COLUMNS} from workspace where archived_at is null order by workspace_id`,
)

const findIds = prepared<{ workspace_id: number }>(
  'workspace-find-ids',
  'select workspace_id from workspace order by workspace_id',
)

/** The ids of all workspaces, archived ones among them. */
export async function findWorkspaceIds(db: Queryable): Promise<number[]> {
  return (await findIds(db, [])).map((row) => row.workspace_id)
}

// Primary key.
const findOne = prepared<StoredWorkspace>(
  'workspace-find-by-id',
  `select ${COLUMNS} from workspace where workspace_id = $1 and archived_at is null`,
)

// The row stays locked until the transaction ends: whoever changes it next decides on what this one left.
const findForChange = prepared<StoredWorkspace>(
  'workspace-find-for-change',
  `select ${COLUMNS} from workspace where workspace_id = $1 and archived_at is null for update`,
)

const insertNew = prepared<StoredWorkspace>(
  'workspace-insert',
  `insert into workspace (workspace_id, guid, name, settings, managed_by, created_at)
   values ($1, $2, $3, $4::jsonb, $5, $6) returning ${COLUMNS}`,
)

const update = prepared<StoredWorkspace>(
  'workspace-update',
  `update workspace set name = $2, settings = $3::jsonb where workspace_id = $1 returning ${COLUMNS}`,
)

const upsert = prepared(
  'workspace-upsert',
  `insert into workspace (workspace_id, guid, name, settings, managed_by, created_at)
   values ($1, $2, $3, $4::jsonb, $5, $6)
   on conflict (guid) do update
     set name = excluded.name, settings = excluded.settings, managed_by = excluded.managed_by, archived_at = null`,
)

const archive = prepared('workspace-archive', 'update workspace set archived_at = $2 where workspace_id = $1')

// Names that move from one workspace to another must be free for a moment.
const freeNames = prepared(
  'workspace-free-names',
  'update workspace set name = guid::text where guid = any($1::uuid[]) and archived_at is null',
)

const findByGuid = prepared<{ workspace_id: number }>(
  'workspace-find-by-guid',
  'select workspace_id from workspace where guid = $1',
)

/** The living workspaces. */
export async function findWorkspaces(db: Queryable): Promise<WorkspaceRow[]> {
  return (await findAll(db, [])).map(fromStored)
}

/** The living workspace with this id. */
export async function findWorkspaceById(
  db: Queryable,
  workspaceId: number,
): Promise<WorkspaceRow | undefined> {
  const [row] = await findOne(db, [workspaceId])
  return row && fromStored(row)
}

/** The living workspace with this id, locked against other changes until the transaction ends. */
export async function findWorkspaceForChange(
  tx: Transaction,
  workspaceId: number,
): Promise<WorkspaceRow | undefined> {
  const [row] = await findForChange(tx, [workspaceId])
  return row && fromStored(row)
}

/** Makes a workspace; a name or guid that is taken is a unique violation. */
export async function insertWorkspace(
  tx: Transaction,
  row: WorkspaceState,
  at: Instant,
): Promise<WorkspaceRow> {
  const { id, guid, name, settings, managedBy } = row
  return only(await insertNew(tx, [id, guid, name, JSON.stringify(settings), managedBy, toRfc3339(at)]))
}

/** Gives a workspace another name and other settings; a name that is taken is a unique violation. */
export async function updateWorkspace(
  tx: Transaction,
  { id, name, settings }: Pick<WorkspaceRow, 'id' | 'name' | 'settings'>,
): Promise<WorkspaceRow> {
  return only(await update(tx, [id, name, JSON.stringify(settings)]))
}

/** The id of the workspace with this guid, living or archived. */
export async function findWorkspaceId(db: Queryable, guid: string): Promise<number | undefined> {
  const [row] = await findByGuid(db, [guid])
  return row?.workspace_id
}

/** Makes a workspace or brings it to this state; the guid decides which. */
export async function saveWorkspace(db: Queryable, row: WorkspaceState, at: Instant): Promise<void> {
  await upsert(db, [row.id, row.guid, row.name, JSON.stringify(row.settings), row.managedBy, toRfc3339(at)])
}

/** Frees the names of these workspaces, which {@link saveWorkspace} then names anew. */
export async function freeWorkspaceNames(db: Queryable, guids: readonly string[]): Promise<void> {
  await freeNames(db, [guids])
}

/** Archives a workspace: its data stays, its credentials open nothing. */
export async function archiveWorkspace(db: Queryable, workspaceId: number, at: Instant): Promise<void> {
  await archive(db, [workspaceId, toRfc3339(at)])
}

function only(rows: readonly StoredWorkspace[]): WorkspaceRow {
  const [row] = rows
  if (!row) throw new Error('a write of a workspace gave no row')
  return fromStored(row)
}

function fromStored(row: StoredWorkspace): WorkspaceRow {
  return {
    id: row.workspace_id,
    guid: row.guid,
    name: row.name,
    settings: row.settings,
    managedBy: row.managed_by,
    createdAt: row.created_at.getTime(),
    archivedAt: row.archived_at?.getTime(),
  }
}
