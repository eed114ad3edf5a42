import type { Instant } from '../lib/time.ts'
import type { UserRole } from '../model/roles.ts'
import type { ManagedBy } from '../model/workspace.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** What a user is in one workspace. */
export interface MembershipRow {
  workspaceId: number
  role: string
  /** Of a role of the workspace; null when there is none of this name. */
  permissions: string[] | null
}

/** A user with all that decides what it may do. */
export interface OperatorRow {
  userId: number
  email: string
  /** argon2id in PHC form. */
  passwordHash: string
  role: UserRole
  managedBy: ManagedBy
  createdAt: Instant
  disabledAt: Instant | undefined
  /** Whether a second factor is asked of it. */
  hasTotp: boolean
  memberships: MembershipRow[]
}

interface StoredOperator {
  user_id: number
  email: string
  password_hash: string
  role: UserRole
  managed_by: ManagedBy
  created_at: Date
  disabled_at: Date | null
  has_totp: boolean
  memberships: MembershipRow[]
}

const SELECT = `select u.user_id, u.email, u.password_hash, u.role, u.managed_by, u.created_at, u.disabled_at,
         t.confirmed_at is not null as has_totp,
         coalesce((
           select json_agg(json_build_object('workspaceId', m.workspace_id, 'role', m.role, 'permissions', r.permissions)
                           order by m.workspace_id)
             from user_workspace m
             left join workspace_role r on r.workspace_id = m.workspace_id and r.name = m.role
            where m.user_id = u.user_id), '[]'::json) as memberships
    from user_account u
    left join user_totp t on t.user_id = u.user_id`

// Primary key.
const findById = prepared<StoredOperator>('operator-find', `${SELECT} where u.user_id = $1`)

// The row stays locked until the transaction ends: two who change one user decide one after the other.
const findForChange = prepared<StoredOperator>(
  'operator-find-for-change',
  `${SELECT} where u.user_id = $1 for update of u`,
)

// Unique key of user_account.
const findByEmail = prepared<StoredOperator>('operator-find-by-email', `${SELECT} where u.email = $1`)

const findAll = prepared<StoredOperator>('operator-find-all', `${SELECT} order by u.user_id`)

/** The user with this id, disabled ones included. */
export async function findOperator(db: Queryable, userId: number): Promise<OperatorRow | undefined> {
  const [row] = await findById(db, [userId])
  return row && fromStored(row)
}

/** The same, locked until the transaction ends. */
export async function findOperatorForChange(db: Queryable, userId: number): Promise<OperatorRow | undefined> {
  const [row] = await findForChange(db, [userId])
  return row && fromStored(row)
}

/** The user with this e-mail in lower case, disabled ones included. */
export async function findOperatorByEmail(db: Queryable, email: string): Promise<OperatorRow | undefined> {
  const [row] = await findByEmail(db, [email])
  return row && fromStored(row)
}

/** All users by their id, disabled ones included. */
export async function findOperators(db: Queryable): Promise<OperatorRow[]> {
  return (await findAll(db, [])).map(fromStored)
}

function fromStored(row: StoredOperator): OperatorRow {
  return {
    userId: row.user_id,
    email: row.email,
    passwordHash: row.password_hash,
    role: row.role,
    managedBy: row.managed_by,
    createdAt: row.created_at.getTime(),
    disabledAt: row.disabled_at?.getTime(),
    hasTotp: row.has_totp,
    memberships: row.memberships,
  }
}
