import type { Workspace, WorkspaceSettings } from '../model/workspace.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Who made an object: the configuration file, or the very first start. */
export type ManagedBy = 'config' | 'start'

interface StoredWorkspace {
  workspace_id: number
  guid: string
  name: string
  settings: WorkspaceSettings
  managed_by: ManagedBy
}

/** A workspace and who made it. */
export interface WorkspaceRow extends Workspace {
  managedBy: ManagedBy
}

const findAll = prepared<StoredWorkspace>(
  'workspace-find-all',
  'select workspace_id, guid, name, settings, managed_by from workspace where archived_at is null order by workspace_id',
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
  const rows = await findAll(db, [])
  return rows.map(({ workspace_id: id, guid, name, settings, managed_by: managedBy }) => ({
    id,
    guid,
    name,
    settings,
    managedBy,
  }))
}

/** The id of the workspace with this guid, living or archived. */
export async function findWorkspaceId(db: Queryable, guid: string): Promise<number | undefined> {
  const [row] = await findByGuid(db, [guid])
  return row?.workspace_id
}

/** Makes a workspace or brings it to this state; the guid decides which. */
export async function saveWorkspace(db: Queryable, row: WorkspaceRow, at: Instant): Promise<void> {
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
