import { Text } from '@mantine/core'
import { listSegmentSizes } from '@tributary/sdk'
import type { Segment } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { QueryState } from '../../parts/query-state.tsx'
import { countText } from '../../parts/format.ts'
import { TimePlot } from '../../parts/time-plot.tsx'
import type { Plot } from '../../parts/plot.ts'
import { sizesOver } from './sizes-over.ts'
import type { SizeAt } from './sizes-over.ts'

const LIMIT = '500'

/** How large a segment was. */
export function SegmentSizes({ segment }: { segment: Segment }) {
  const { id: segmentId, size, computedAt } = segment
  const query = useQuery({
    queryKey: ['segment', segmentId, 'sizes', size],
    queryFn: ({ signal }) =>
      answerOf(listSegmentSizes({ client, signal, path: { segmentId }, query: { limit: LIMIT } })),
    placeholderData: (before) => before,
  })
  return (
    <QueryState query={query}>
      {({ items }) => <SizePlot sizes={items} size={size} computedAt={computedAt} />}
    </QueryState>
  )
}

function SizePlot(props: { sizes: readonly SizeAt[]; size: number | null; computedAt: string | null }) {
  const { sizes, size, computedAt } = props
  // The instant moves on with every read; the plot follows by minutes.
  const minute = computedAt?.slice(0, 16)
  const plot = useMemo((): Plot => {
    const now = minute === undefined || size === null ? undefined : { at: `${minute}:00Z`, size }
    const { times, values } = sizesOver(sizes, now)
    return {
      label: 'Members over time',
      times: times.map((time) => new Date(time).toISOString()),
      series: [{ label: 'Members', color: '#0b7285', values }],
      format: countText,
      isStepped: true,
    }
  }, [sizes, size, minute])
  if (plot.times.length === 0)
    return (
      <Text size="sm" c="dimmed">
        It was not counted yet.
      </Text>
    )
  return <TimePlot plot={plot} />
}
