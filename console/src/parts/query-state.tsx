import { Button, Skeleton, Stack } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ProblemAlert } from './problem-alert.tsx'

/** Loading, failed, or there: in one way for whatever is read. */
export function QueryState<T>(props: {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  /** Lines of the shape that stands in while it loads. */
  lines?: number
  children: (data: T) => ReactNode
}) {
  const { query, lines = 4, children } = props
  if (query.data !== undefined) return children(query.data)
  if (query.error)
    return (
      <ProblemAlert
        error={query.error}
        action={<Button onClick={() => void query.refetch()}>Try again</Button>}
      />
    )
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={36} />
      ))}
    </Stack>
  )
}
