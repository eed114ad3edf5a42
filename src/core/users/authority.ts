import { CdpError } from '../../model/errors.ts'
import { READER_ROLE } from '../../model/roles.ts'
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
}

/** A workspace by its guid, and what the user is there; `reader` when nothing is said. */
export interface Place {
  guid: string
  role?: string
}

/** An owner reaches everything, an admin the workspaces where it belongs, an api key its own. */
export async function authorityOf(db: Database, caller: Caller, actor: Actor): Promise<Authority> {
  const { person, workspace } = caller
  const user =
    person?.kind === 'user' ? await guarded(() => findOperator(db.general, person.userId)) : undefined
  const belonging = user ? user.memberships.map(({ workspaceId }) => workspaceId) : [workspace.id]
  return { actor, workspaceId: workspace.id, reach: user?.role === 'owner' ? undefined : belonging }
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

/** @throws CDP_PERMISSION_MISSING only owners make owners */
export function requireRank({ reach }: Authority, role: UserRole): void {
  if (reach !== undefined && role === 'owner') throw new CdpError('CDP_PERMISSION_MISSING')
}

/** The memberships that places mean. @throws CDP_WORKSPACE_NOT_FOUND out of reach, too; CDP_ROLE_NOT_FOUND */
export async function toMemberships(
  db: Queryable,
  { reach }: Authority,
  places: readonly Place[],
): Promise<Membership[]> {
  const workspaces = await findWorkspaces(db)
  const memberships = new Map<number, Membership>()
  for (const { guid, role = READER_ROLE.name } of places) {
    const workspace = workspaces.find((candidate) => candidate.guid === guid.toLowerCase())
    const isReached = workspace && (reach?.includes(workspace.id) ?? true)
    if (!isReached) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
    const isRole = role === READER_ROLE.name || (await hasRole(db, workspace.id, role))
    if (!isRole) throw new CdpError('CDP_ROLE_NOT_FOUND')
    memberships.set(workspace.id, { workspaceId: workspace.id, role })
  }
  return [...memberships.values()]
}

async function hasRole(db: Queryable, workspaceId: number, role: string): Promise<boolean> {
  return (await findRoles(db, workspaceId)).some(({ name }) => name === role)
}
