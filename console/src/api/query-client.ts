import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ProblemError } from './problem.ts'
import { isAtSignIn, leaveForSignIn } from './leave-to.ts'
import { markSignedOut } from './signed-in.ts'

/** Answers that another try may change. */
const PASSING = [0, 429, 502, 503, 504]

/** Answers that say that nobody is signed in any more. A code or a password that was wrong has the same status, and ends nothing. */
const ENDED = ['CDP_KEY_MISSING', 'CDP_KEY_UNKNOWN', 'CDP_TOKEN_INVALID', 'CDP_TOKEN_EXPIRED']

/** Everything that was read, shared by all pages; wherever it shows first that the session ended, the sign-in comes, and leads back. */
export function openQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    const code = error instanceof ProblemError ? error.problem.code : undefined
    if (code === undefined || !ENDED.includes(code) || isAtSignIn()) return
    markSignedOut()
    void leaveForSignIn()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) =>
          failures < 2 && error instanceof ProblemError && PASSING.includes(error.status),
      },
    },
  })
}
