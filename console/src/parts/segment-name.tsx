import { Anchor } from '@mantine/core'
import { getSegment } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../api/client.ts'
import { ProblemError, answerOf } from '../api/problem.ts'
import { useMay } from '../api/session.ts'
import { PATHS } from '../paths.ts'
import { findSegment } from './find-segment.ts'
import { segmentListQuery } from './segment-list.ts'

const FRESH_MS = 60_000

/** The way to a segment of which only the id is at hand; one that is gone has no name any more. */
export function SegmentName({ segmentId }: { segmentId: string }) {
  const found = useSegmentName(segmentId)
  if (found === 'gone') return 'a segment that is gone'
  return (
    <Anchor size="sm" renderRoot={(props) => <Link {...props} to={PATHS.segment} params={{ segmentId }} />}>
      {found === 'unknown' ? 'a segment' : found.name}
    </Anchor>
  )
}

/** From the list, which is asked for once for all names; by itself only what stands further on than that reaches. */
function useSegmentName(segmentId: string): ReturnType<typeof findSegment> {
  const may = useMay()
  const list = useQuery({ ...segmentListQuery, enabled: may('segments:read'), staleTime: FRESH_MS })
  const listed = list.data ? findSegment(list.data, segmentId) : 'unknown'
  const own = useQuery({
    queryKey: ['segment', segmentId, 'name'],
    queryFn: async ({ signal }) => (await answerOf(getSegment({ client, signal, path: { segmentId } }))).name,
    enabled: list.data !== undefined && listed === 'unknown',
    staleTime: FRESH_MS,
  })
  if (own.data !== undefined && listed === 'unknown') return { name: own.data }
  return own.error instanceof ProblemError && own.error.status === 404 ? 'gone' : listed
}
