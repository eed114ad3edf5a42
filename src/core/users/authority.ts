import { CdpError } from '../../model/errors.ts'
import { READER_ROLE, expandPermissions } from '../../model/roles.ts'
import type { UserRole } from '../../model/roles.ts'
import type { Caller } from '../../model/workspace.ts'
import { findApiKeyById } from '../../storage/api-keys.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable } from '../../storage/db.ts'
import type { Inviter } from '../../storage/invitations.ts'
import { findOperator } from '../../storage/operators.ts'
import type { OperatorRow } from '../../storage/operators.ts'
import type { Membership } from '../../storage/users.ts'
import { findRoles } from '../../storage/workspace-roles.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'
import type { Actor } from '../audit/index.ts'

/** On whose behalf users are managed, and how far that reaches. */
export interface Authority {
  actor: Actor
  /** From where it acts, for the audit log; undefined for the installation. */
  workspaceId: number | undefined
  /** Workspaces whose users it manages; undefined for all, owners among them. */
  reach: readonly number[] | undefined
  /** What it may do itself; `*` permits all. */
  permissions: readonly string[]
  /** The user or the api key that acts; neither at the command line. */
  userId?: number | undefined
  keyId?: number | undefined
}

/** A workspace by its guid, and what the user is there; `reader` when nothing is said. */
export interface Place {
  guid: string
  role?: string
}

/** An owner reaches everything, an admin the workspaces where it belongs, an api key its own. */
export async function authorityOf(db: Database, caller: Caller, actor: Actor): Promise<Authority> {
  const { person, workspace, permissions, keyId } = caller
  const user =
    person?.kind === 'user' ? await guarded(() => findOperator(db.general, person.userId)) : undefined
  const reach = user ? reachOf(user) : [workspace.id]
  return { actor, workspaceId: workspace.id, reach, permissions, userId: user?.userId, keyId }
}

function reachOf({ role, memberships }: OperatorRow): number[] | undefined {
  return role === 'owner' ? undefined : memberships.map(({ workspaceId }) => workspaceId)
}

/** What a key needs to manage users; of people only owners and admins do. */
const USERS_WRITE = 'users:write'

/** How far who invited reaches today. @returns undefined when it manages no users any more */
export async function authorityOfInviter(
  db: Queryable,
  { userId, workspaceId, keyId }: Inviter,
  actor: Actor,
): Promise<Authority | undefined> {
  if (userId !== undefined) {
    const user = await findOperator(db, userId)
    if (!user || user.disabledAt !== undefined || user.role === 'member') return undefined
    return { actor, workspaceId, reach: reachOf(user), permissions: ['*'], userId }
  }
  if (workspaceId === undefined || keyId === undefined) return undefined
  const permissions = (await findApiKeyById(db, workspaceId, keyId))?.permissions ?? []
  const isManager = permissions.includes('*') || permissions.includes(USERS_WRITE)
  return isManager ? { actor, workspaceId, reach: [workspaceId], permissions, keyId } : undefined
}

/** Whether users of this kind are shown at all. */
export function sees({ reach }: Authority, { memberships }: Pick<OperatorRow, 'memberships'>): boolean {
  return reach === undefined || memberships.some(({ workspaceId }) => reach.includes(workspaceId))
}

/**
 * Only who reaches all workspaces of a user decides about its account; owners are decided about by owners.
 * @throws CDP_USER_NOT_FOUND it is not even seen; CDP_PERMISSION_MISSING
 */
export function requireReach(authority: Authority, user: OperatorRow): void {
  const { reach } = authority
  if (!sees(authority, user)) throw new CdpError('CDP_USER_NOT_FOUND')
  const isInside = user.memberships.every(({ workspaceId }) => reach?.includes(workspaceId) ?? true)
  if (reach !== undefined && (user.role === 'owner' || !isInside))
    throw new CdpError('CDP_PERMISSION_MISSING')
}

/** @throws CDP_PERMISSION_MISSING only owners make owners, and only who may do all makes admins, who may do all */
export function requireRank({ reach, permissions }: Authority, role: UserRole): void {
  const isBeyond = role === 'owner' ? reach !== undefined : role === 'admin' && !permissions.includes('*')
  if (isBeyond) throw new CdpError('CDP_PERMISSION_MISSING')
}

/**
 * The memberships that places mean.
 * @throws CDP_WORKSPACE_NOT_FOUND out of reach, too; CDP_ROLE_NOT_FOUND; CDP_PERMISSION_MISSING the role permits more
 * than the authority may do
 */
export async function toMemberships(
  db: Queryable,
  authority: Authority,
  places: readonly Place[],
): Promise<Membership[]> {
  const workspaces = await findWorkspaces(db)
  const memberships = new Map<number, Membership>()
  for (const { guid, role = READER_ROLE.name } of places) {
    const workspace = workspaces.find((candidate) => candidate.guid === guid.toLowerCase())
    const isReached = workspace && (authority.reach?.includes(workspace.id) ?? true)
    if (!isReached) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
    const permissions = await permissionsOf(db, workspace.id, role)
    if (!permissions) throw new CdpError('CDP_ROLE_NOT_FOUND')
    requireOwn(authority, permissions)
    memberships.set(workspace.id, { workspaceId: workspace.id, role })
  }
  return [...memberships.values()]
}

/** @throws CDP_PERMISSION_MISSING the authority may not give this rank, or not one of these memberships */
export async function requireGivable(
  db: Queryable,
  authority: Authority,
  rank: UserRole,
  memberships: readonly Membership[],
): Promise<void> {
  requireRank(authority, rank)
  for (const { workspaceId, role } of memberships) {
    const isReached = authority.reach?.includes(workspaceId) ?? true
    if (!isReached) throw new CdpError('CDP_PERMISSION_MISSING')
    requireOwn(authority, (await permissionsOf(db, workspaceId, role)) ?? [])
  }
}

/** Nobody gives a role that may do what the giver may not. @throws CDP_PERMISSION_MISSING */
export function requireOwn({ permissions }: Pick<Authority, 'permissions'>, given: readonly string[]): void {
  if (permissions.includes('*')) return
  // A key also has names of other kinds, such as `users:write`: no role consists of those.
  const own = new Set(permissions.flatMap((permission) => expandPermissions([permission]) ?? []))
  const isBeyond = (expandPermissions(given) ?? []).some((permission) => !own.has(permission))
  if (isBeyond) throw new CdpError('CDP_PERMISSION_MISSING')
}

async function permissionsOf(
  db: Queryable,
  workspaceId: number,
  role: string,
): Promise<readonly string[] | undefined> {
  if (role === READER_ROLE.name) return READER_ROLE.permissions
  return (await findRoles(db, workspaceId)).find(({ name }) => name === role)?.permissions
}
