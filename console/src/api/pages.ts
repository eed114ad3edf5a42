import { infiniteQueryOptions } from '@tanstack/react-query'
import type { QueryKey } from '@tanstack/react-query'
import { answerOf } from './problem.ts'

/** A page of a list, as every list of the API answers. */
interface ListPage<Item> {
  items: Item[]
  nextCursor?: string | null
}

/** What a page is asked by. */
export interface PageRequest {
  cursor: string | undefined
  signal: AbortSignal
}

/** A list that is read page by page, as far as one scrolls. `read` is an operation of the sdk. */
export function pagesQuery<Item>(
  queryKey: QueryKey,
  read: (request: PageRequest) => Promise<{
    data: ListPage<Item> | undefined
    error: unknown
    response?: Response | undefined
  }>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => answerOf(read({ cursor: pageParam, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
}
