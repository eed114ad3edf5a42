import { Alert, Group, Loader, Paper, Stack, Text } from '@mantine/core'
import type { PreviewSegmentResponses } from '@tributary/sdk'
import type { UseQueryResult } from '@tanstack/react-query'
import { problemOf } from '../../api/problem.ts'
import { complaintsIn, withoutPlace } from '../../definitions/complaints.ts'
import { PersonLink } from '../../parts/person-link.tsx'
import { usePersonNames } from '../../parts/person-names.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { countText } from '../../parts/format.ts'

type Preview = PreviewSegmentResponses[200]

/** How many people a definition is true of now, and some of them. */
export function LiveCount({ query, isEmpty }: { query: UseQueryResult<Preview>; isEmpty: boolean }) {
  const { data, error, isFetching } = query
  return (
    <Paper withBorder p="md" component="section" aria-label="Who would belong to it">
      <Stack gap="sm">
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            Who would belong to it
          </Text>
          {isFetching && <Loader size="xs" aria-label="Counting" />}
        </Group>
        {isEmpty && <Text size="sm">Add a condition, and the people it is true of are counted at once.</Text>}
        {!isEmpty && error && <Unknown error={error} />}
        {!isEmpty && !error && data && <Counted preview={data} />}
      </Stack>
    </Paper>
  )
}

function Unknown({ error }: { error: unknown }) {
  if (complaintsIn(error).length === 0) return <ProblemAlert error={error} />
  return (
    <Alert color="yellow" role="status" title="It cannot be counted yet">
      {withoutPlace(problemOf(error).detail)}
    </Alert>
  )
}

function Counted({ preview }: { preview: Preview }) {
  const { count, isEstimated, sample } = preview
  const labelOf = usePersonNames([sample])
  return (
    <>
      <Text fz={32} fw={650} lh={1.1} aria-live="polite">
        {isEstimated && 'about '}
        {countText(count)}
        <Text span size="sm" c="dimmed" fw={400}>
          {count === 1 ? ' profile' : ' profiles'}
        </Text>
      </Text>
      {isEstimated && (
        <Text size="sm" c="dimmed">
          Counting took too long; this is what a part of the profiles lets expect.
        </Text>
      )}
      {sample.length > 0 && (
        <Stack gap={4} component="ul" m={0} pl="md" aria-label="Some of them">
          {sample.map((id) => (
            <li key={id}>
              <PersonLink profileId={id}>{labelOf(id)}</PersonLink>
            </li>
          ))}
        </Stack>
      )}
    </>
  )
}
