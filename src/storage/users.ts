import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { UserRole } from '../model/roles.ts'
import type { ManagedBy } from '../model/workspace.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A person who operates the installation. Hashes are argon2id in PHC form. */
export interface UserRow {
  userId: number
  email: string
  passwordHash: string
  /** Hash of the password text in the configuration file, if it declared this user. */
  declaredPasswordHash: string | undefined
  role: UserRole
  managedBy: ManagedBy
}

interface StoredUser {
  user_id: number
  email: string
  password_hash: string
  declared_password_hash: string | null
  role: UserRole
  managed_by: ManagedBy
}

const findAll = prepared<StoredUser>(
  'user-find-all',
  `select user_id, email, password_hash, declared_password_hash, role, managed_by from user_account
    where disabled_at is null order by user_id`,
)

const upsert = prepared<{ user_id: number }>(
  'user-upsert',
  `insert into user_account (user_id, email, password_hash, declared_password_hash, role, managed_by, created_at)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (email) do update
     set password_hash = excluded.password_hash, declared_password_hash = excluded.declared_password_hash,
         role = excluded.role, managed_by = excluded.managed_by, disabled_at = null
   returning user_id`,
)

const disable = prepared('user-disable', 'update user_account set disabled_at = $2 where user_id = $1')

const changePassword = prepared(
  'user-change-password',
  'update user_account set password_hash = $2 where user_id = $1',
)

const leaveWorkspaces = prepared(
  'user-workspace-leave',
  'delete from user_workspace where user_id = $1 and not workspace_id = any($2::integer[])',
)

// What the user is in a workspace where it was before stays.
const addWorkspaces = prepared(
  'user-workspace-add',
  `insert into user_workspace (user_id, workspace_id) select $1, w from unnest($2::integer[]) as t(w)
   on conflict (user_id, workspace_id) do nothing`,
)

/** The living users. */
export async function findUsers(db: Queryable): Promise<UserRow[]> {
  const rows = await findAll(db, [])
  return rows.map((row) => ({
    userId: row.user_id,
    email: row.email,
    passwordHash: row.password_hash,
    declaredPasswordHash: row.declared_password_hash ?? undefined,
    role: row.role,
    managedBy: row.managed_by,
  }))
}

/** Makes a user or brings it to this state, and gives it exactly these workspaces; the e-mail decides which user. */
export async function saveUser(
  db: Queryable,
  row: UserRow,
  workspaceIds: readonly number[],
  at: Instant,
): Promise<void> {
  const { userId, email, passwordHash, declaredPasswordHash, role, managedBy } = row
  const values = [userId, email, passwordHash, declaredPasswordHash ?? null, role, managedBy, toRfc3339(at)]
  const [saved] = await upsert(db, values)
  const savedId = saved?.user_id ?? userId
  await leaveWorkspaces(db, [savedId, workspaceIds])
  await addWorkspaces(db, [savedId, workspaceIds])
}

/** Takes a user's access away. */
export async function disableUser(db: Queryable, userId: number, at: Instant): Promise<void> {
  await disable(db, [userId, toRfc3339(at)])
}

/** Gives a user another password. */
export async function setPassword(db: Queryable, userId: number, passwordHash: string): Promise<void> {
  await changePassword(db, [userId, passwordHash])
}
