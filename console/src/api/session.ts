import { getSession } from '@tributary/sdk'
import type { Session } from '@tributary/sdk'
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { client } from './client.ts'
import { isAtSignIn, leaveForSignIn } from './leave-to.ts'
import { ProblemError, answerOf } from './problem.ts'
import { isMarked, markSignedOut } from './signed-in.ts'

/** Who is logged in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    if (!isMarked()) return null
    try {
      return await answerOf(getSession({ client, signal }))
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error
      markSignedOut()
      return isAtSignIn() ? null : leaveForSignIn()
    }
  },
  staleTime: 60_000,
})

/** A workspace that somebody works in. */
export type EnteredWorkspace = NonNullable<Session['workspace']>

/** The session of a page behind the sign-in. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery)
  if (!data) throw new Error('nobody is signed in')
  return data
}

/** The workspace of a page inside one. */
export function useWorkspace(): EnteredWorkspace {
  const { workspace } = useSession()
  if (!workspace) throw new Error('no workspace was entered')
  return workspace
}

/** Whether the one who is signed in may do something: a permission of the native API. The server decides; this only says what to show. */
export function useMay(): (permission: string) => boolean {
  const { may } = useWorkspace()
  return (permission) => may.includes('*') || may.includes(permission)
}
