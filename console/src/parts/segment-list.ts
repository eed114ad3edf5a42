import { listSegments } from '@tributary/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'

// As many as one page of a list has.
const LIMIT = '500'

/** The segments to choose from and to name: one page, which is all of them in nearly every workspace. */
export const segmentListQuery = queryOptions({
  queryKey: ['segments', 'choice'],
  queryFn: ({ signal }) => answerOf(listSegments({ client, signal, query: { limit: LIMIT } })),
})
