import type { Problem } from '@tributary/sdk'

/** What went wrong, in the server's words or, when it said nothing, in ours. */
export class ProblemError extends Error {
  readonly problem: Partial<Problem> & Pick<Problem, 'title' | 'detail'>

  constructor(problem: ProblemError['problem'], options?: ErrorOptions) {
    super(problem.detail, options)
    this.name = 'ProblemError'
    this.problem = problem
  }

  get status(): number {
    return this.problem.status ?? 0
  }
}

/** What an operation of the sdk comes to. */
interface Answer<T> {
  data: T | undefined
  error: unknown
  response?: Response | undefined
}

/** The answer of an operation. @throws ProblemError what the server refused, or that it could not be reached */
export async function answerOf<T>(call: Promise<Answer<T>>): Promise<NonNullable<T>> {
  return (await answerAndHeaders(call)).data
}

/** As {@link answerOf}, with the headers: the version of what was read stands in `ETag`. */
export async function answerAndHeaders<T>(
  call: Promise<Answer<T>>,
): Promise<{ data: NonNullable<T>; headers: Headers }> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ProblemError(UNREACHABLE, { cause })
  })
  if (response?.ok) return { data: data as NonNullable<T>, headers: response.headers }
  if (isProblem(error)) throw new ProblemError(error)
  if (error instanceof DOMException && error.name === 'AbortError') throw error
  if (!response) throw new ProblemError(UNREACHABLE, { cause: error })
  throw new ProblemError({
    status: response.status,
    title: 'The server gave an answer that is not understood.',
    detail: `It answered with status ${response.status}. A proxy between may have answered in its place.`,
  })
}

const UNREACHABLE = {
  title: 'The server cannot be reached.',
  detail: 'Check that it runs and that this computer is connected, then try again.',
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error
}

/** What to show of anything that was thrown. */
export function problemOf(error: unknown): ProblemError['problem'] {
  if (error instanceof ProblemError) return error.problem
  return {
    title: 'The console met something unexpected.',
    detail: error instanceof Error ? error.message : String(error),
  }
}

/** The complaint about one field of what was sent, by its JSON pointer. */
export function complaintAt(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined
  return error.problem.errors?.find((complaint) => complaint.pointer === pointer)?.detail
}
