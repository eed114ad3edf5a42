import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A role of members in a workspace. */
export interface RoleRow {
  name: string
  permissions: string[]
}

// Primary key.
const findAll = prepared<RoleRow>(
  'role-find-all',
  'select name, permissions from workspace_role where workspace_id = $1 order by name',
)

const upsert = prepared(
  'role-save',
  `insert into workspace_role (workspace_id, name, permissions, created_at) values ($1, $2, $3, $4)
   on conflict (workspace_id, name) do update set permissions = excluded.permissions`,
)

// One statement: a role that somebody is given meanwhile stays.
const deleteUnused = prepared<{ name: string }>(
  'role-delete',
  `delete from workspace_role where workspace_id = $1 and name = $2
      and not exists (select from user_workspace m where m.workspace_id = $1 and m.role = $2)
   returning name`,
)

/** The roles of a workspace by name. */
export async function findRoles(db: Queryable, workspaceId: number): Promise<RoleRow[]> {
  return findAll(db, [workspaceId])
}

/** Makes a role, or gives it other permissions. */
export async function saveRole(
  db: Queryable,
  workspaceId: number,
  { name, permissions }: RoleRow,
  at: Instant,
): Promise<void> {
  await upsert(db, [workspaceId, name, permissions, toRfc3339(at)])
}

/** Deletes a role. @returns false when there is none, or a user has it */
export async function deleteRole(db: Queryable, workspaceId: number, name: string): Promise<boolean> {
  return (await deleteUnused(db, [workspaceId, name])).length === 1
}
