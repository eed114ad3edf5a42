import { CdpError } from '../../model/errors.ts'
import { READER_ROLE, expandPermissions } from '../../model/roles.ts'
import type { UserRole } from '../../model/roles.ts'
import type { Caller } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable } from '../../storage/db.ts'
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
}

/** A workspace by its guid, and what the user is there; `reader` when nothing is said. */
export interface Place {
  guid: string
  role?: string
}

/** An owner reaches everything, an admin the workspaces where it belongs, an api key its own. */
export async function authorityOf(db: Database, caller: Caller, actor: Actor): Promise<Authority> {
  const { person, workspace, permissions } = caller
  const user =
    person?.kind === 'user' ? await guarded(() => findOperator(db.general, person.userId)) : undefined
  const belonging = user ? user.memberships.map(({ workspaceId }) => workspaceId) : [workspace.id]
  const reach = user?.role === 'owner' ? undefined : belonging
  return { actor, workspaceId: workspace.id, reach, permissions }
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

/** Nobody gives a role that may do what the giver may not. @throws CDP_PERMISSION_MISSING */
function requireOwn({ permissions }: Authority, given: readonly string[]): void {
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
