import { getSegment } from '@tributary/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'

const BUILDING_POLL_MS = 2_000
const POLL_MS = 15_000

/** A segment; read again and again while it is built, and now and then afterwards, as its size changes. */
export function segmentQuery(segmentId: string) {
  return queryOptions({
    queryKey: ['segment', segmentId],
    queryFn: ({ signal }) => answerOf(getSegment({ client, signal, path: { segmentId } })),
    refetchInterval: ({ state }) => (state.data?.state === 'building' ? BUILDING_POLL_MS : POLL_MS),
  })
}
