import { Alert, Grid, Stack, Tabs } from '@mantine/core'
import type { Segment } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Card } from '../../parts/card.tsx'
import { Facts } from '../../parts/facts.tsx'
import { countText } from '../../parts/format.ts'
import { JsonBlock } from '../../parts/json-block.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { DefinitionOutline } from './definition-outline.tsx'
import { SegmentActs } from './segment-acts.tsx'
import { SegmentMembers } from './segment-members.tsx'
import { segmentQuery } from './segment-query.ts'
import { SegmentSizes } from './segment-sizes.tsx'
import { SegmentState } from './segment-state.tsx'

const route = getRouteApi('/with-session/in-workspace/segments/$segmentId')

/** One segment: what it asks, who belongs to it, and how its size changes. */
export function SegmentPage() {
  const { segmentId } = route.useParams()
  const query = useQuery(segmentQuery(segmentId))
  const segment = query.data
  return (
    <Page title={segment?.name ?? 'Segment'} actions={segment && <SegmentActs segment={segment} />}>
      <QueryState query={query}>{(found) => <SegmentTabs segment={found} />}</QueryState>
    </Page>
  )
}

function SegmentTabs({ segment }: { segment: Segment }) {
  const { tab = 'overview' } = route.useSearch()
  const navigate = route.useNavigate()
  const go = (next: string | null): void =>
    void navigate({ search: { tab: next === null || next === 'overview' ? undefined : next }, replace: true })
  return (
    <>
      {segment.error !== null && (
        <Alert color="red" title="Its members could not be computed" role="alert">
          {segment.error}
        </Alert>
      )}
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="members">Members</Tabs.Tab>
          <Tabs.Tab value="json">JSON</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview segment={segment} />
        </Tabs.Panel>
        <Tabs.Panel value="members">
          <SegmentMembers segmentId={segment.id} />
        </Tabs.Panel>
        <Tabs.Panel value="json">
          <JsonBlock value={segment.definition} maxHeight={640} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Overview({ segment }: { segment: Segment }) {
  const { size, computedAt, createdAt, createdBy, updatedAt, updatedBy, version, definition } = segment
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack gap="md">
          <Card title="Who belongs to it">
            <DefinitionOutline definition={definition} />
          </Card>
          <Card title="Size">
            <SegmentSizes segment={segment} />
          </Card>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Card title="Facts">
          <Facts
            facts={{
              Members: size === null ? 'not counted yet' : countText(size),
              State: <SegmentState segment={segment} />,
              'Counts what came before': computedAt === null ? '–' : <Time at={computedAt} />,
              Created: <Said at={createdAt} by={createdBy} />,
              Changed: <Said at={updatedAt} by={updatedBy} />,
              Version: version,
            }}
          />
        </Card>
      </Grid.Col>
    </Grid>
  )
}

function Said({ at, by }: { at: string; by: string }) {
  return (
    <>
      <Time at={at} /> by {by}
    </>
  )
}
