/** What permissions of members are about, in words. */
export const GROUPS = {
  CLIENT_INFO: 'Profiles',
  CLIENT_MANAGEMENT: 'New and merged profiles',
  CLIENT_LIST: 'Segments and lists',
  CLIENT_TAGS: 'Tags',
  CLIENT_NOTES: 'Notes',
  CLIENT_ACTIVITIES: 'Events and purchases',
  SETTINGS_EXPORT: 'Settings of exports',
  SETTINGS_CUSTOMERS_IAM: 'Settings of accounts',
} as const

/** What may be done to each. */
export const ACTS = ['read', 'execute', 'create', 'edit', 'delete'] as const

/** The key of one of {@link GROUPS}. */
export type Group = keyof typeof GROUPS
/** One of {@link ACTS}. */
export type Act = (typeof ACTS)[number]
/** A group with an act. */
export type Permission = `${Group}:${Act}`

const NAMES = Object.keys(GROUPS) as Group[]

/** Every permission that there is. */
export const ALL: readonly Permission[] = NAMES.flatMap((group) =>
  ACTS.map((act): Permission => `${group}:${act}`),
)

/** Permissions one by one: `*` stands for every group or act. What is not known here is left out. */
export function expand(permissions: readonly string[]): Set<Permission> {
  return new Set(
    ALL.filter((permission) => {
      const [group, act] = permission.split(':')
      return permissions.some((given) => {
        const [givenGroup, givenAct = givenGroup === '*' ? '*' : ''] = given.split(':')
        return (givenGroup === '*' || givenGroup === group) && (givenAct === '*' || givenAct === act)
      })
    }),
  )
}

/** The shortest way to say the same: whole columns and whole rows by `*`. */
export function compact(held: ReadonlySet<Permission>): string[] {
  if (held.size === ALL.length) return ['*']
  const acts = ACTS.filter((act) => NAMES.every((group) => held.has(`${group}:${act}`)))
  const rest = NAMES.flatMap((group) => {
    if (ACTS.every((act) => held.has(`${group}:${act}`))) return [`${group}:*`]
    return ACTS.filter((act) => held.has(`${group}:${act}`) && !acts.includes(act)).map(
      (act) => `${group}:${act}`,
    )
  })
  return [...acts.map((act) => `*:${act}`), ...rest]
}

/** What a role may do, a line for each group of which it may do something. */
export function summaryOf(permissions: readonly string[]): string[] {
  const held = expand(permissions)
  if (held.size === ALL.length) return ['Everything']
  const common = ACTS.filter((act) => NAMES.every((group) => held.has(`${group}:${act}`)))
  const lines = NAMES.flatMap((group) => {
    const acts = ACTS.filter((act) => held.has(`${group}:${act}`) && !common.includes(act))
    return acts.length === 0 ? [] : [`${GROUPS[group]}: ${acts.join(', ')}`]
  })
  return [...(common.length > 0 ? [`Everything: ${common.join(', ')}`] : []), ...lines]
}
