import type { User } from '@tributary/sdk'

/** Where a user works, and as what. */
export interface Place {
  guid: string
  role: string
}

/** The role of a member who was given no other. */
export const READER = 'reader'

/** The places of a user, as they are changed. */
export function placesOf(user: Pick<User, 'workspaces'> | undefined): Place[] {
  return (user?.workspaces ?? []).map(({ guid, role }) => ({ guid, role: role ?? READER }))
}

/** With a workspace, or without it when it is there. */
export function togglePlace(places: readonly Place[], guid: string): Place[] {
  const others = places.filter((place) => place.guid !== guid)
  return others.length < places.length ? others : [...places, { guid, role: READER }]
}

/** With another role in one of them. */
export function changeRole(places: readonly Place[], guid: string, role: string): Place[] {
  return places.map((place) => (place.guid === guid ? { guid, role } : place))
}
