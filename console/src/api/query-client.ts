import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ProblemError } from './problem.ts'
import { SESSION_KEY } from './session.ts'

/** Answers that another try may change. */
const PASSING = [0, 429, 502, 503, 504]

/** Answers that say that nobody is signed in any more. A code or a password that was wrong has the same status, and ends nothing. */
const ENDED = ['CDP_KEY_MISSING', 'CDP_KEY_UNKNOWN', 'CDP_TOKEN_INVALID', 'CDP_TOKEN_EXPIRED']

/** Everything that was read, shared by all pages; a session that ended is noticed wherever it shows first. */
export function openQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    const code = error instanceof ProblemError ? error.problem.code : undefined
    if (code !== undefined && ENDED.includes(code)) client.setQueryData(SESSION_KEY, null)
  }
  const client = new QueryClient({
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
  return client
}
