import { Alert, Code, Group, Loader, Stack, Text } from '@mantine/core'
import { problemOf } from '../../api/problem.ts'
import { complaintsIn, withoutPlace } from '../../definitions/complaints.ts'
import { Card } from '../../parts/card.tsx'
import { valueText } from '../../parts/json-block.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { ProfileSelect } from '../../parts/profile-select.tsx'
import type { useTryOut } from './try-out.ts'

/** For whom a definition is tried out, and what it comes to. */
export function TryOutPanel({ tryOut }: { tryOut: ReturnType<typeof useTryOut> }) {
  const { profileId, setProfileId, query } = tryOut
  return (
    <Card title="Try it out">
      <Stack gap="sm">
        <Group>
          <ProfileSelect label="For" value={profileId} onChange={setProfileId} />
        </Group>
        <Result query={query} hasProfile={profileId !== undefined} />
      </Stack>
    </Card>
  )
}

type Query = ReturnType<typeof useTryOut>['query']

function Result({ query: { data, error, isFetching }, hasProfile }: { query: Query; hasProfile: boolean }) {
  if (!hasProfile) return <Text size="sm">There is no profile to compute it for.</Text>
  if (error && complaintsIn(error).length === 0) return <ProblemAlert error={error} />
  if (error)
    return (
      <Alert color="yellow" role="status" title="It cannot be computed yet">
        {withoutPlace(problemOf(error).detail)}
      </Alert>
    )
  if (!data) return isFetching ? <Loader size="xs" aria-label="Computing" /> : null
  return (
    <Text size="sm" component="div" aria-live="polite">
      {data.value === null ? (
        'No value (null)'
      ) : (
        <Code fz="md" style={{ overflowWrap: 'anywhere' }}>
          {valueText(data.value)}
        </Code>
      )}
    </Text>
  )
}
