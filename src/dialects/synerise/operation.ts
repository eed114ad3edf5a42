import type { Operation } from '../dialect.ts'
import { INFERRED } from './inferred.ts'

/**
 * Kinds of callers. `P` a profile that logged in, `A` an anonymous profile, `W` a workspace by its api key, `U` a user in a
 * workspace, `U0` a user who has not given its second factor, `U1` one who has or needs none, `T` the tracker key of a web
 * page, `K` an AI key of older clients. @source reference 0.1
 */
export type CallerKind = 'P' | 'A' | 'W' | 'U' | 'U0' | 'U1' | 'T' | 'K'

/** What an operation does to what it is about: a user's role permits each group act by act. @source reference 0.1 */
export type Act = 'read' | 'execute' | 'create' | 'edit' | 'delete'

/**
 * An operation of the vendor's reference, and who may call it: the one table that the guard reads. An operation without
 * `callers` is open.
 */
export interface SyneriseOperation extends Operation {
  callers?: readonly CallerKind[]
  /** What the api key must carry, also the one that a person's token was bought with. */
  permission?: string
  /** The group that a user's role must hold. */
  role?: string
  /** Which of the group's acts. @assumed the vendor does not print it: the verb of the permission's name decides */
  act?: Act
  /** A second permission that an api key must carry beside the first. */
  alsoPermission?: string
}

/** What an entry of the table says beside its name and address. */
type Access = Pick<
  SyneriseOperation,
  'callers' | 'permission' | 'alsoPermission' | 'role' | 'act' | 'open' | 'succeedsWith' | 'deprecated'
>

/** An entry of the table. @param route method and path */
export const implemented = (id: string, route: string, title: string, access: Access): SyneriseOperation => {
  const [method, path = ''] = route.split(' ')
  return { id, method: method as Operation['method'], path, title, ...access }
}

/** An entry whose method and path nobody prints. */
export const inferred = (id: keyof typeof INFERRED, title: string, access: Access): SyneriseOperation =>
  implemented(id, INFERRED[id].route, title, access)

/** Access of an operation that anybody may call. */
export const OPEN = { open: true } as const

/**
 * What an entry carries that the vendor asks clients to leave. @param successor the id of what takes its place
 * @source reference 0.19 @assumed since when: the day of the reference, which says that it is so but not for how long
 */
export const deprecated = (successor?: string): Pick<Operation, 'deprecated'> => ({
  deprecated: { since: REFERENCE_DAY, ...(successor !== undefined && { successor }) },
})

const REFERENCE_DAY = Date.UTC(2024, 3, 18)
