import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

const find = prepared<{ sealed: Buffer }>(
  'workspace-secret-find',
  'select sealed from workspace_secret where workspace_id = $1 and name = $2',
)

const findNames = prepared<{ name: string; updated_at: Date }>(
  'workspace-secret-names',
  'select name, updated_at from workspace_secret where workspace_id = $1 order by name',
)

const save = prepared(
  'workspace-secret-save',
  `insert into workspace_secret (workspace_id, name, sealed, updated_at) values ($1, $2, $3, $4)
   on conflict (workspace_id, name) do update set sealed = excluded.sealed, updated_at = excluded.updated_at`,
)

const remove = prepared<{ name: string }>(
  'workspace-secret-delete',
  'delete from workspace_secret where workspace_id = $1 and name = $2 returning name',
)

/** A secret as lists show it. */
export interface SecretName {
  name: string
  updatedAt: Instant
}

/** The sealed secret of this name. */
export async function findSecret(
  db: Queryable,
  workspaceId: number,
  name: string,
): Promise<Buffer | undefined> {
  const [row] = await find(db, [workspaceId, name])
  return row?.sealed
}

/** The names of a workspace's secrets. */
export async function findSecretNames(db: Queryable, workspaceId: number): Promise<SecretName[]> {
  const rows = await findNames(db, [workspaceId])
  return rows.map(({ name, updated_at: at }) => ({ name, updatedAt: at.getTime() }))
}

/** Stores a sealed secret. */
export async function saveSecret(
  db: Queryable,
  { workspaceId, name, sealed }: { workspaceId: number; name: string; sealed: Buffer },
  at: Instant,
): Promise<void> {
  await save(db, [workspaceId, name, sealed, toRfc3339(at)])
}

/** Deletes a secret; false when there was none. */
export async function deleteSecret(db: Queryable, workspaceId: number, name: string): Promise<boolean> {
  return (await remove(db, [workspaceId, name])).length > 0
}
