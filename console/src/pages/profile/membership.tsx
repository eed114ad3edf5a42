import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { getCompany, leaveCompany, listProfileSegments } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { notifyProblem } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { PersonLink } from '../../parts/person-link.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { PATHS } from '../../paths.ts'
import { profileKey } from './profile-query.ts'

/** What somebody belongs to: a company, and segments. */
export function Membership({ profileId }: { profileId: number }) {
  const may = useMay()
  return (
    <>
      <Card title="Company">
        <Company profileId={String(profileId)} />
      </Card>
      {may('segments:read') && (
        <Card title="Segments">
          <Segments profileId={String(profileId)} />
        </Card>
      )}
    </>
  )
}

function Company({ profileId }: { profileId: string }) {
  const may = useMay()
  const queryClient = useQueryClient()
  const query = useQuery({
    queryKey: [...profileKey(profileId), 'company'],
    queryFn: ({ signal }) => answerOf(getCompany({ client, signal, path: { profileId } })),
  })
  const leave = useMutation({
    mutationFn: () => answerOf(leaveCompany({ client, path: { profileId } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: profileKey(profileId) }),
    onError: (error) => notifyProblem(error),
  })
  return (
    <QueryState query={query} lines={1}>
      {({ company }) =>
        company === null ? (
          <Text size="sm">None.</Text>
        ) : (
          <Group justify="space-between">
            <Text size="sm" component="div">
              <PersonLink profileId={company.id} /> since <Time at={company.since} />
            </Text>
            {may('profiles:write') && (
              <Button
                size="compact-xs"
                variant="default"
                loading={leave.isPending}
                onClick={() => leave.mutate()}
              >
                Leave
              </Button>
            )}
          </Group>
        )
      }
    </QueryState>
  )
}

function Segments({ profileId }: { profileId: string }) {
  const query = useQuery({
    queryKey: [...profileKey(profileId), 'segments'],
    queryFn: ({ signal }) => answerOf(listProfileSegments({ client, signal, path: { profileId } })),
  })
  return (
    <QueryState query={query} lines={1}>
      {({ items }) => (
        <Stack gap={4}>
          {items.length === 0 && <Text size="sm">None.</Text>}
          {items.map(({ id, name, since }) => (
            <Group key={id} justify="space-between" gap="xs">
              <Anchor
                size="sm"
                renderRoot={(props) => <Link {...props} to={PATHS.segment} params={{ segmentId: id }} />}
              >
                {name}
              </Anchor>
              <Text size="xs" c="dimmed">
                {since !== null && <Time at={since} />}
              </Text>
            </Group>
          ))}
        </Stack>
      )}
    </QueryState>
  )
}
