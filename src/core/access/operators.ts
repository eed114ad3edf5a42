import { BlockList, isIPv4 } from 'node:net'
import { CdpError } from '../../model/errors.ts'
import { PERMISSION_GROUPS, READER_ROLE, expandPermissions } from '../../model/roles.ts'
import type { UserRole } from '../../model/roles.ts'
import type { ManagedBy, Workspace } from '../../model/workspace.ts'
import type { Instant } from '../../lib/time.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findOperator } from '../../storage/operators.ts'
import type { MembershipRow, OperatorRow } from '../../storage/operators.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'
import type { WorkspaceRow } from '../../storage/workspaces.ts'
import type { Session } from './sessions.ts'

/** A person who operates the installation, as others may see it. */
export interface Operator {
  userId: number
  email: string
  role: UserRole
  managedBy: ManagedBy
  createdAt: Instant
  disabledAt: Instant | undefined
  /** Whether a second factor is asked of it. */
  hasTotp: boolean
  memberships: readonly MembershipRow[]
}

/** A user's living login. */
export interface UserLogin {
  session: Session
  operator: Operator
}

/** A user in one of its workspaces. */
export interface Entry {
  workspace: Workspace
  /** Name of the role that permits: that of the installation for owners and admins. */
  role: string
  /** As `GROUP:act`; `*` permits all. */
  permissions: readonly string[]
}

/** Finds out what users may do. */
export interface Operators {
  /** Whose login a session is. @throws CDP_TOKEN_INVALID nobody's any more */
  loginOf(session: Session): Promise<UserLogin>
  /** The living workspaces that a user may enter. */
  workspacesOf(operator: Operator): Promise<WorkspaceRow[]>
  /**
   * Lets a login into a workspace.
   * @param address undefined when it is not known, which a workspace with an allowlist refuses
   * @throws CDP_WORKSPACE_NOT_FOUND CDP_MFA_REQUIRED CDP_NETWORK_FORBIDDEN
   */
  enter(login: UserLogin, workspaceId: number, address: string | undefined): Promise<Entry>
}

/** Opens the search. Users are asked for at every request: what was taken from one is gone at once. */
export function openOperators(db: Database): Operators {
  const workspacesOf = async (operator: Operator): Promise<WorkspaceRow[]> => {
    const workspaces = await guarded(() => findWorkspaces(db.access))
    return workspaces.filter(({ id }) => belongs(operator, id))
  }
  return {
    workspacesOf,
    loginOf: async (session) => {
      const { userId } = session
      const row = userId === undefined ? undefined : await guarded(() => findOperator(db.access, userId))
      if (!row || row.disabledAt !== undefined) throw new CdpError('CDP_TOKEN_INVALID')
      return { session, operator: toOperator(row) }
    },
    enter: async (login, workspaceId, address) => {
      const workspace = (await workspacesOf(login.operator)).find(({ id }) => id === workspaceId)
      if (!workspace) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
      const { mfaRequired, ipAllowlist } = workspace.settings
      requireConfirmed(login)
      if (mfaRequired && login.session.confirmedAt === undefined) throw new CdpError('CDP_MFA_REQUIRED')
      if (!isAllowed(ipAllowlist, address)) throw new CdpError('CDP_NETWORK_FORBIDDEN')
      return { workspace, ...rightsIn(login.operator, workspaceId) }
    },
  }
}

/** A user without its password. */
export function toOperator(row: OperatorRow): Operator {
  const { passwordHash: _secret, ...operator } = row
  return operator
}

/** Whether the second factor was given, where the user has one. */
export function isConfirmed({ session, operator }: UserLogin): boolean {
  return !operator.hasTotp || session.confirmedAt !== undefined
}

/** @throws CDP_MFA_REQUIRED */
export function requireConfirmed(login: UserLogin): void {
  if (!isConfirmed(login)) throw new CdpError('CDP_MFA_REQUIRED')
}

function belongs({ role, memberships }: Operator, workspaceId: number): boolean {
  return role === 'owner' || memberships.some((membership) => membership.workspaceId === workspaceId)
}

/** Owners may do all everywhere, admins all where they belong, members what their role there says. */
function rightsIn({ role, memberships }: Operator, workspaceId: number): Omit<Entry, 'workspace'> {
  if (role !== 'member') return { role, permissions: ['*'] }
  const membership = memberships.find((candidate) => candidate.workspaceId === workspaceId)
  const permissions =
    membership?.permissions ?? (membership?.role === READER_ROLE.name ? READER_ROLE.permissions : [])
  return { role: membership?.role ?? '', permissions: expandPermissions(permissions) ?? [] }
}

/** What a role permits at most, for who may do all and for lists that show it. */
export const ALL_PERMISSIONS: readonly string[] =
  expandPermissions(PERMISSION_GROUPS.map((group) => `${group}:*`)) ?? []

/** Whether an address lies in one of the networks; no network at all allows every address. */
function isAllowed(networks: readonly string[], address: string | undefined): boolean {
  if (networks.length === 0) return true
  if (address === undefined) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', prefix] = network.split('/')
    const family = isIPv4(base) ? 'ipv4' : 'ipv6'
    if (prefix === undefined) list.addAddress(base, family)
    else list.addSubnet(base, Number(prefix), family)
  }
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  return list.check(mapped, isIPv4(mapped) ? 'ipv4' : 'ipv6')
}
