import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { UserRole } from '../model/roles.ts'
import type { ManagedBy } from '../model/workspace.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

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

const insertNew = prepared(
  'user-insert',
  `insert into user_account (user_id, email, password_hash, role, managed_by, created_at)
   values ($1, $2, $3, $4, $5, $6)`,
)

const update = prepared(
  'user-update',
  'update user_account set role = $2, disabled_at = $3 where user_id = $1',
)

// Locked in one order: whoever decides whether an owner is the last waits for who does the same.
const findOwners = prepared<{ user_id: number }>(
  'user-lock-owners',
  `select user_id from user_account where role = 'owner' and disabled_at is null order by user_id for update`,
)

const deleteMemberships = prepared(
  'user-workspace-leave-some',
  'delete from user_workspace where user_id = $1 and ($2::integer[] is null or workspace_id = any($2::integer[]))',
)

const insertMemberships = prepared(
  'user-workspace-join',
  `insert into user_workspace (user_id, workspace_id, role)
   select $1, w, r from unnest($2::integer[], $3::text[]) as t(w, r)`,
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

// Unique index of user_account on the e-mail.
const joinByEmail = prepared(
  'user-workspace-join-by-email',
  `insert into user_workspace (user_id, workspace_id) select user_id, $2 from user_account where email = $1
   on conflict (user_id, workspace_id) do nothing`,
)

/** Lets a user into one more workspace. */
export async function joinWorkspace(db: Queryable, email: string, workspaceId: number): Promise<void> {
  await joinByEmail(db, [email, workspaceId])
}

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

/** Makes a user that logs in with a password. The e-mail is unique, also among disabled users. */
export async function insertUser(
  db: Queryable,
  { userId, email, passwordHash, role, managedBy }: Omit<UserRow, 'declaredPasswordHash'>,
  at: Instant,
): Promise<void> {
  await insertNew(db, [userId, email, passwordHash, role, managedBy, toRfc3339(at)])
}

/** Brings a user to this state. */
export async function updateUser(
  db: Queryable,
  userId: number,
  { role, disabledAt }: { role: UserRole; disabledAt: Instant | undefined },
): Promise<void> {
  await update(db, [userId, role, disabledAt === undefined ? null : toRfc3339(disabledAt)])
}

/** What a user is in a workspace. */
export interface Membership {
  workspaceId: number
  role: string
}

/**
 * Puts memberships in place of others.
 * @param within the workspaces that are spoken of: memberships elsewhere stay; undefined speaks of all
 */
export async function replaceMemberships(
  db: Queryable,
  userId: number,
  memberships: readonly Membership[],
  within: readonly number[] | undefined,
): Promise<void> {
  await deleteMemberships(db, [userId, within ?? null])
  const ids = memberships.map(({ workspaceId }) => workspaceId)
  await insertMemberships(db, [userId, ids, memberships.map(({ role }) => role)])
}

/** The ids of the living owners, locked until the transaction ends. */
export async function lockOwners(tx: Transaction): Promise<number[]> {
  return (await findOwners(tx, [])).map((row) => row.user_id)
}
