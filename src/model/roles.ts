/** What a user is in the installation: an owner may do all, an admin all in its workspaces, a member what its role says. */
export const USER_ROLES = ['owner', 'admin', 'member'] as const

/** One of {@link USER_ROLES}. */
export type UserRole = (typeof USER_ROLES)[number]

/** What permissions of members are about. */
export const PERMISSION_GROUPS = [
  'CLIENT_INFO',
  'CLIENT_MANAGEMENT',
  'CLIENT_LIST',
  'CLIENT_TAGS',
  'CLIENT_NOTES',
  'CLIENT_ACTIVITIES',
  'SETTINGS_EXPORT',
  'SETTINGS_CUSTOMERS_IAM',
] as const

/** What may be done to each. */
const PERMISSION_ACTS = ['read', 'execute', 'create', 'edit', 'delete'] as const

/** The role of a member who was given no other: it reads everything and changes nothing. */
export const READER_ROLE = { name: 'reader', permissions: ['*:read'] } as const

/**
 * Permissions of a role in full: `*` stands for every group or act (`*`, `*:read`, `CLIENT_INFO:*`).
 * @returns undefined when one of them names a group or an act that does not exist
 */
export function expandPermissions(permissions: readonly string[]): string[] | undefined {
  const expanded = new Set<string>()
  for (const permission of permissions) {
    const [group = '', act = group === '*' ? '*' : '', ...rest] = permission.split(':')
    const groups = PERMISSION_GROUPS.filter((name) => group === '*' || group === name)
    const acts = PERMISSION_ACTS.filter((name) => act === '*' || act === name)
    if (groups.length === 0 || acts.length === 0 || rest.length > 0) return undefined
    for (const name of groups) for (const each of acts) expanded.add(`${name}:${each}`)
  }
  return [...expanded].sort()
}
