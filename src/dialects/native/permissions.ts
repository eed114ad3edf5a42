import type { Caller } from '../../model/workspace.ts'

/**
 * What a member's role must hold for each permission of this API; all of it is needed. What is not in here is for owners
 * and admins only: users, roles, keys, settings, the audit log. What an installation takes on disk (`storage:read`) is for its
 * owners only, because it tells of all workspaces.
 */
const NEEDED_OF_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'profiles:read': ['CLIENT_INFO:read'],
  'profiles:write': ['CLIENT_MANAGEMENT:create', 'CLIENT_INFO:edit'],
  'profiles:delete': ['CLIENT_INFO:delete'],
  'profiles:erase': ['CLIENT_INFO:delete', 'CLIENT_ACTIVITIES:read'],
  'profiles:merge': ['CLIENT_MANAGEMENT:edit'],
  'notes:read': ['CLIENT_NOTES:read'],
  'notes:write': ['CLIENT_NOTES:create', 'CLIENT_NOTES:edit'],
  'notes:delete': ['CLIENT_NOTES:delete'],
  'tags:read': ['CLIENT_TAGS:read'],
  'tags:write': ['CLIENT_TAGS:create', 'CLIENT_TAGS:edit', 'CLIENT_TAGS:delete'],
  'tags:assign': ['CLIENT_TAGS:execute'],
  // Refused rows show what was sent about people, and rows may be events.
  'imports:read': ['CLIENT_INFO:read', 'CLIENT_ACTIVITIES:read'],
  'imports:write': ['CLIENT_MANAGEMENT:create', 'CLIENT_INFO:edit', 'CLIENT_ACTIVITIES:create'],
  // A file may hold everything that there is of people, and events.
  'exports:read': ['CLIENT_INFO:read', 'CLIENT_ACTIVITIES:read', 'CLIENT_TAGS:read'],
  'exports:write': ['CLIENT_LIST:read', 'CLIENT_INFO:read', 'CLIENT_ACTIVITIES:read', 'CLIENT_TAGS:read'],
  'profiles:report': ['CLIENT_INFO:read', 'CLIENT_ACTIVITIES:read', 'CLIENT_NOTES:read'],
  'erasures:read': ['CLIENT_INFO:delete'],
  'segments:read': ['CLIENT_LIST:read'],
  'segments:write': ['CLIENT_LIST:create', 'CLIENT_LIST:edit', 'CLIENT_LIST:delete'],
  // Values show what people are and did.
  'computed:read': ['CLIENT_INFO:read', 'CLIENT_ACTIVITIES:read'],
  'events:read': ['CLIENT_ACTIVITIES:read'],
  'events:write': ['CLIENT_ACTIVITIES:create'],
  'attributes:read': ['CLIENT_INFO:read'],
  'stats:read': ['CLIENT_LIST:read'],
  'rejections:read': ['CLIENT_INFO:read', 'CLIENT_ACTIVITIES:read'],
  'rejections:replay': ['CLIENT_MANAGEMENT:create', 'CLIENT_ACTIVITIES:create'],
  'stream:read': ['CLIENT_INFO:read', 'CLIENT_ACTIVITIES:read'],
  'workspaces:read': ['CLIENT_LIST:read'],
}

/** Whether a caller has a permission of this API: a key by its name, a user by what its role holds. */
export function mayDo({ person, permissions }: Caller, permission: string): boolean {
  if (permissions.includes('*')) return true
  if (person?.kind !== 'user') return permissions.includes(permission)
  return NEEDED_OF_MEMBERS[permission]?.every((needed) => permissions.includes(needed)) ?? false
}

/** Every permission of this API that a user's role gives: what a console may offer. `*` is all of them. */
export function permissionsOf(permissions: readonly string[]): string[] {
  if (permissions.includes('*')) return ['*']
  return Object.entries(NEEDED_OF_MEMBERS).flatMap(([permission, needed]) =>
    needed.every((one) => permissions.includes(one)) ? [permission] : [],
  )
}
