import { Alert, Grid, Group, Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Navigate, getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { Page } from '../../parts/page.tsx'
import { nameOf } from '../../parts/person.ts'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { PATHS } from '../../paths.ts'
import { Attributes } from './attributes.tsx'
import { Computed } from './computed.tsx'
import { Consents } from './consents.tsx'
import { Devices } from './devices.tsx'
import { Identifiers } from './identifiers.tsx'
import { Membership } from './membership.tsx'
import { Notes } from './notes.tsx'
import { ProfileActions } from './profile-actions.tsx'
import { profileQuery } from './profile-query.ts'
import type { ReadProfile } from './profile-query.ts'
import { Tags } from './tags.tsx'
import { Timeline } from './timeline.tsx'

const route = getRouteApi('/with-session/in-workspace/profiles/$profileId')

/** Everything that is known of somebody; by an id that was merged away, at the address of whom it lives on in. */
export function ProfilePage() {
  const { profileId } = route.useParams()
  const query = useQuery(profileQuery(profileId))
  const livingId = query.data ? String(query.data.profile.id) : profileId
  // What is read and changed from here on goes by the living id; under another one it would be found stale.
  if (livingId !== profileId && !query.isFetching)
    return (
      <Navigate
        to={PATHS.profile}
        params={{ profileId: livingId }}
        search={(before) => ({ ...before, merged: profileId })}
        replace
      />
    )
  if (query.data && livingId === profileId) return <Known read={query.data} />
  return (
    <Page title={`Profile ${profileId}`}>
      <QueryState query={query} lines={10}>
        {() => null}
      </QueryState>
    </Page>
  )
}

function Known({ read }: { read: ReadProfile }) {
  const { profile } = read
  const { merged } = route.useSearch()
  return (
    <Page title={nameOf(profile)} text={<Since read={read} />} actions={<ProfileActions read={read} />}>
      {merged !== undefined && (
        <Alert color="blue">
          Profile {merged} was merged into this one, profile {profile.id}.
        </Alert>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 4 }} order={{ base: 2, md: 1 }}>
          <Stack gap="md">
            <Card title="Known by">
              <Identifiers profile={profile} />
            </Card>
            <Card title="Consents">
              <Consents profile={profile} />
            </Card>
            <Card title="Tags">
              <Tags profile={profile} />
            </Card>
            <Membership profileId={profile.id} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }} order={{ base: 1, md: 2 }}>
          <Sections read={read} />
        </Grid.Col>
      </Grid>
    </Page>
  )
}

function Since({ read: { profile } }: { read: ReadProfile }) {
  const { id, createdAt, lastActivityAt } = profile
  return (
    <Group gap={6}>
      <Text size="sm">Profile {id} · known since</Text> <Time at={createdAt} />
      <Text size="sm">· last active</Text>
      {lastActivityAt === null ? 'never' : <Time at={lastActivityAt} />}
    </Group>
  )
}

function Sections({ read }: { read: ReadProfile }) {
  const { tab = 'timeline' } = route.useSearch()
  const navigate = route.useNavigate()
  const may = useMay()
  const { profile } = read
  const sections: [string, string, boolean, ReactNode][] = [
    ['timeline', 'Timeline', true, <Timeline key="t" profileId={profile.id} />],
    ['attributes', 'Attributes', true, <Attributes key="a" read={read} />],
    ['computed', 'Computed', may('computed:read'), <Computed key="c" profileId={profile.id} />],
    ['notes', 'Notes', may('notes:read'), <Notes key="n" profileId={profile.id} />],
    ['devices', 'Devices', true, <Devices key="d" profileId={profile.id} />],
  ]
  const shown = sections.filter(([, , isAllowed]) => isAllowed)
  return (
    <Tabs
      value={tab}
      onChange={(value) =>
        void navigate({ search: (before) => ({ ...before, tab: value ?? undefined }), replace: true })
      }
      keepMounted={false}
    >
      <Tabs.List mb="md">
        {shown.map(([value, label]) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {shown.map(([value, , , content]) => (
        <Tabs.Panel key={value} value={value}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
