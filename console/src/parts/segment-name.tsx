import { Anchor } from '@mantine/core'
import { getSegment } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'
import { useMay } from '../api/session.ts'
import { PATHS } from '../paths.ts'

/** The way to a segment of which only the id is at hand; one that is gone has no name any more. */
export function SegmentName({ segmentId }: { segmentId: string }) {
  const may = useMay()
  const { data: name, isError } = useQuery({
    queryKey: ['segment', segmentId, 'name'],
    queryFn: async ({ signal }) => (await answerOf(getSegment({ client, signal, path: { segmentId } }))).name,
    enabled: may('segments:read'),
    staleTime: 60_000,
  })
  if (isError) return 'a segment that is gone'
  return (
    <Anchor size="sm" renderRoot={(props) => <Link {...props} to={PATHS.segment} params={{ segmentId }} />}>
      {name ?? 'a segment'}
    </Anchor>
  )
}
