import { fitsCodePoints, isStorableText } from '../../lib/text.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { READER_ROLE, expandPermissions } from '../../model/roles.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { deleteRole, findRoles, saveRole } from '../../storage/workspace-roles.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { requireOwn } from './authority.ts'
import type { Authority } from './authority.ts'

/** What members may do who have this role. */
export interface Role {
  name: string
  /** As given: `GROUP:act`, with `*` for every group or act. */
  permissions: readonly string[]
  /** It is there in every workspace and never changes. */
  isBuiltIn: boolean
}

/** The roles of members in a workspace. */
export interface Roles {
  /** The built-in one first, then by name. */
  list(workspaceId: number): Promise<Role[]>
  /**
   * Makes or changes one; whoever has it may do so at once.
   * @param authority may do all that the role permits, and all that it permitted before
   * @throws CDP_NAME_INVALID CDP_BODY_INVALID CDP_ROLE_BUILT_IN CDP_PERMISSION_MISSING
   */
  put(
    workspaceId: number,
    role: Omit<Role, 'isBuiltIn'>,
    authority: Pick<Authority, 'actor' | 'permissions'>,
  ): Promise<Role>
  /** @throws CDP_ROLE_NOT_FOUND CDP_ROLE_BUILT_IN CDP_ROLE_IN_USE */
  remove(workspaceId: number, name: string, actor: Actor): Promise<void>
}

/** Opens the roles. */
export function openRoles(db: Database): Roles {
  const list = async (workspaceId: number): Promise<Role[]> => {
    const stored = await guarded(() => findRoles(db.general, workspaceId))
    return [{ ...READER_ROLE, isBuiltIn: true }, ...stored.map((role) => ({ ...role, isBuiltIn: false }))]
  }
  return {
    list,
    put: async (workspaceId, { name, permissions }, authority) => {
      requireChangeable(name)
      if (!fitsCodePoints(name, NAME_LENGTH_MAX) || !isStorableText(name))
        throw new CdpError('CDP_NAME_INVALID')
      if (!expandPermissions(permissions)) {
        const detail = 'permissions: each must be GROUP:act of the documentation, or have * for one of them'
        throw new CdpError('CDP_BODY_INVALID', { pointer: '/permissions', detail })
      }
      requireOwn(authority, permissions)
      const { actor } = authority
      await act(db, actor, async (tx) => {
        const before = (await findRoles(tx, workspaceId)).find((role) => role.name === name)
        requireOwn(authority, before?.permissions ?? [])
        await saveRole(tx, workspaceId, { name, permissions: [...permissions] }, now())
        await record(tx, { actor, workspaceId, action: 'role.put', object: name, detail: { permissions } })
        return true
      })
      return { name, permissions, isBuiltIn: false }
    },
    remove: async (workspaceId, name, actor) => {
      requireChangeable(name)
      await act(db, actor, async (tx) => {
        if (!(await findRoles(tx, workspaceId)).some((role) => role.name === name))
          throw new CdpError('CDP_ROLE_NOT_FOUND')
        if (!(await deleteRole(tx, workspaceId, name))) throw new CdpError('CDP_ROLE_IN_USE')
        await record(tx, { actor, workspaceId, action: 'role.delete', object: name })
        return true
      })
    },
  }
}

/** As long as every other name. */
const NAME_LENGTH_MAX = 255

function requireChangeable(name: string): void {
  if (name === READER_ROLE.name) throw new CdpError('CDP_ROLE_BUILT_IN')
}
