import { Button, Group, Select, SimpleGrid, Stack } from '@mantine/core'
import { getHistory, getStats } from '@tributary/sdk'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay, useSession } from '../../api/session.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { PATHS } from '../../paths.ts'
import { placesFor } from '../../shell/navigation.ts'
import { HistoryPlots } from './history-plots.tsx'
import { RANGES, rangeOf } from './ranges.ts'
import { Room } from './room.tsx'
import { Totals } from './totals.tsx'

const route = getRouteApi('/with-session/in-workspace/')

const REFRESH_MS = 10_000

/** What there is, and what came in over time; for those who may not see that, the ways to what they may. */
export function OverviewPage() {
  return useMay()('stats:read') ? <Figures /> : <Elsewhere />
}

function Figures() {
  const { user } = useSession()
  const range = rangeOf(route.useSearch().range)
  const stats = useQuery({
    queryKey: ['stats'],
    queryFn: ({ signal }) => answerOf(getStats({ client, signal })),
    refetchInterval: REFRESH_MS,
  })
  const history = useQuery({
    queryKey: ['history', range],
    queryFn: ({ signal }) => {
      const { ms, step } = RANGES[range]
      const from = new Date(Date.now() - ms).toISOString()
      return answerOf(getHistory({ client, signal, query: { from, step } }))
    },
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  })
  return (
    <Page title="Overview" actions={<RangeSelect />}>
      <Stack gap="lg">
        <QueryState query={stats} lines={2}>
          {(totals) =>
            totals.profiles + totals.rejections === 0 ? <FirstRun /> : <Totals totals={totals} />
          }
        </QueryState>
        <QueryState query={history} lines={8}>
          {(data) => (
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
              <HistoryPlots history={data} />
            </SimpleGrid>
          )}
        </QueryState>
        {user.role === 'owner' && <Room />}
      </Stack>
    </Page>
  )
}

/** Everybody comes in here first, whatever they may do. */
function Elsewhere() {
  const places = placesFor(useMay())
  return (
    <Page title="Overview">
      <EmptyState
        title="The figures are not for your role"
        text="Whoever runs the workspace can change that. Here is what you may open."
        action={
          <Group gap="xs" justify="center">
            {places.map(({ label, path }) => (
              <Button key={path} component={Link} to={path} variant="default">
                {label}
              </Button>
            ))}
          </Group>
        }
      />
    </Page>
  )
}

/** Shown until something came: what to do first. */
function FirstRun() {
  return (
    <EmptyState
      title="Nothing came in yet"
      text="Make credentials for the API that your clients speak, and send a first event by the command that stands beside them."
      action={
        <Button component={Link} to={PATHS.connect}>
          Connect a client
        </Button>
      }
    />
  )
}

function RangeSelect() {
  const range = rangeOf(route.useSearch().range)
  const navigate = route.useNavigate()
  return (
    <Select
      aria-label="Time"
      w={190}
      allowDeselect={false}
      data={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
      value={range}
      onChange={(value) => void navigate({ search: { range: value ?? undefined }, replace: true })}
    />
  )
}
