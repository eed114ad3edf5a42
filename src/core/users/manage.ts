import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { UserRole } from '../../model/roles.ts'
import type { Caller } from '../../model/workspace.ts'
import { brokenUniqueConstraint, guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { newId } from '../../storage/id-blocks.ts'
import { closeInvitationsOf } from '../../storage/invitations.ts'
import { findOperatorForChange, findOperators } from '../../storage/operators.ts'
import type { OperatorRow } from '../../storage/operators.ts'
import { deleteSecondFactor } from '../../storage/second-factors.ts'
import { endUserSessions } from '../../storage/sessions.ts'
import { insertUser, lockOwners, replaceMemberships, updateUser } from '../../storage/users.ts'
import type { Membership } from '../../storage/users.ts'
import { hashPassword, toOperator } from '../access/index.ts'
import type { Operator } from '../access/index.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { authorityOf, requireGivable, requireRank, requireReach, sees, toMemberships } from './authority.ts'
import type { Authority, Place } from './authority.ts'
import { requirePassword } from './password-policy.ts'

/** A user to be made. */
export interface UserDraft {
  email: string
  password: string
  role: UserRole
  workspaces: readonly Place[]
}

/** What becomes of a user; what is left out stays. */
export interface UserChange {
  role?: UserRole
  /** In place of all others that the authority reaches. */
  workspaces?: readonly Place[]
  disabled?: boolean
}

/** The users of an installation, as they are managed at run time. What the file declares keeps its role and places. */
export interface Users {
  authorityOf(caller: Caller, actor: Actor): Promise<Authority>
  /** Those that the authority sees, disabled ones included, by their id. */
  list(authority: Authority): Promise<Operator[]>
  /** @throws CDP_USER_NOT_FOUND */
  get(authority: Authority, userId: number): Promise<Operator>
  /** @throws CDP_USER_TAKEN CDP_PASSWORD_WEAK CDP_WORKSPACE_NOT_FOUND CDP_ROLE_NOT_FOUND CDP_PERMISSION_MISSING */
  create(authority: Authority, draft: UserDraft): Promise<Operator>
  /**
   * Who is disabled is logged out everywhere, and its invitations are taken back.
   * @throws as {@link Users.create}; CDP_USER_NOT_FOUND CDP_MANAGED_BY_CONFIG CDP_LAST_OWNER
   */
  change(authority: Authority, userId: number, change: UserChange): Promise<Operator>
  /** Takes second factor, recovery codes and devices away, and logs out everywhere. @throws as {@link Users.change} */
  resetMfa(authority: Authority, userId: number): Promise<void>
}

/** Opens the management of users. */
export function openUsers(db: Database): Users {
  const list = async (authority: Authority): Promise<Operator[]> =>
    (await guarded(() => findOperators(db.general)))
      .filter((user) => sees(authority, user))
      .map((user) => toOperator(withinReach(authority, user)))
  const get = async (authority: Authority, userId: number): Promise<Operator> => {
    const found = (await list(authority)).find((user) => user.userId === userId)
    if (!found) throw new CdpError('CDP_USER_NOT_FOUND')
    return found
  }
  return {
    authorityOf: (caller, actor) => authorityOf(db, caller, actor),
    list,
    get,
    create: async (authority, draft) => {
      requirePassword(draft.password, draft.email, '/password')
      requireRank(authority, draft.role)
      const passwordHash = await hashPassword(draft.password)
      const userId = await act(db, authority.actor, async (tx) => {
        const memberships = await toMemberships(tx, authority, draft.workspaces)
        return createUser(tx, db, authority, { ...draft, passwordHash, memberships })
      })
      return get({ ...authority, reach: undefined }, userId)
    },
    change: async (authority, userId, change) => {
      await act(db, authority.actor, (tx) => changeUser(tx, authority, userId, change))
      return get({ ...authority, reach: undefined }, userId)
    },
    resetMfa: async (authority, userId) => {
      await act(db, authority.actor, async (tx) => {
        const user = await findReached(tx, authority, userId)
        await deleteSecondFactor(tx, userId)
        await endUserSessions(tx, userId, now())
        await note(tx, authority, 'user.reset-mfa', user.email)
        return true
      })
    },
  }
}

/** A user that is about to be stored. */
export interface NewUser {
  email: string
  passwordHash: string
  role: UserRole
  memberships: readonly Membership[]
}

/** Makes a user inside a transaction. @returns its id @throws CDP_USER_TAKEN */
export async function createUser(
  tx: Transaction,
  db: Database,
  authority: Pick<Authority, 'actor' | 'workspaceId'>,
  { email: written, passwordHash, role, memberships }: NewUser,
): Promise<number> {
  const email = written.toLowerCase()
  const userId = await newId(db.general, 'user')
  await insertUser(tx, { userId, email, passwordHash, role, managedBy: 'api' }, now()).catch(
    (error: unknown) => {
      throw brokenUniqueConstraint(error) === undefined ? error : new CdpError('CDP_USER_TAKEN')
    },
  )
  await replaceMemberships(tx, userId, memberships, undefined)
  await note(tx, authority, 'user.create', email, { role })
  return userId
}

async function changeUser(
  tx: Transaction,
  authority: Authority,
  userId: number,
  { role, workspaces, disabled }: UserChange,
): Promise<number> {
  // Two owners who disable each other at once: the second finds that it would be the last.
  const owners = await lockOwners(tx)
  const user = await findReached(tx, authority, userId)
  if (user.managedBy === 'config') throw new CdpError('CDP_MANAGED_BY_CONFIG')
  const next = {
    role: role ?? user.role,
    disabledAt: (disabled ?? user.disabledAt !== undefined) ? (user.disabledAt ?? now()) : undefined,
  }
  requireRank(authority, next.role)
  const remains = next.role === 'owner' && next.disabledAt === undefined
  if (!remains && owners.length === 1 && owners[0] === userId) throw new CdpError('CDP_LAST_OWNER')
  await updateUser(tx, userId, next)
  if (workspaces) {
    const memberships = await toMemberships(tx, authority, workspaces)
    await replaceMemberships(tx, userId, memberships, authority.reach)
  }
  if (next.disabledAt !== undefined) {
    await endUserSessions(tx, userId, now())
    await closeInvitationsOf(tx, userId, now())
  }
  await note(tx, authority, 'user.change', user.email, { role, disabled, workspaces })
  return userId
}

async function findReached(tx: Transaction, authority: Authority, userId: number): Promise<OperatorRow> {
  const user = await findOperatorForChange(tx, userId)
  if (!user) throw new CdpError('CDP_USER_NOT_FOUND')
  requireReach(authority, user)
  // Who may not give what a user has does not decide about that user either.
  await requireGivable(tx, authority, user.role, user.memberships)
  return user
}

/** Where else a user works is nobody's business. */
function withinReach({ reach }: Authority, user: OperatorRow): OperatorRow {
  const memberships = user.memberships.filter(({ workspaceId }) => reach?.includes(workspaceId) ?? true)
  return { ...user, memberships }
}

async function note(
  tx: Transaction,
  { actor, workspaceId }: Pick<Authority, 'actor' | 'workspaceId'>,
  action: string,
  object: string,
  detail: object = {},
): Promise<void> {
  await record(tx, { actor, workspaceId, action, object, detail })
}
