import { Box, Button, Center } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { useEffect } from 'react'
import { ProblemAlert } from './problem-alert.tsx'
import { readsOn } from './reads-on.ts'
import type { ReadOn } from './reads-on.ts'

/** The end of a list that has more: reads on when it comes into view, and by its button. */
export function More({ query }: { query: ReadOn }) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query
  const { ref, entry } = useIntersection({ rootMargin: '400px' })
  const isWanted = (entry?.isIntersecting ?? false) && readsOn(query)
  useEffect(() => {
    if (isWanted) void fetchNextPage()
  }, [isWanted, fetchNextPage])
  if (!hasNextPage) return null
  if (isFetchNextPageError) return <MoreFailed query={query} />
  return (
    <Center ref={ref} py="sm">
      <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        Show more
      </Button>
    </Center>
  )
}

/** Why a list does not go on, and the way to try again; nothing as long as it does. */
export function MoreFailed({ query }: { query: ReadOn }) {
  const { isFetchingNextPage, isFetchNextPageError, error, fetchNextPage } = query
  if (!isFetchNextPageError) return null
  return (
    <Box py="sm">
      <ProblemAlert
        error={error}
        action={
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Try again
          </Button>
        }
      />
    </Box>
  )
}
