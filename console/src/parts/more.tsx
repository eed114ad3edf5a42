import { Button, Center } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { useEffect } from 'react'

/** A list that may have more. */
interface Readable {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => Promise<unknown>
}

/** The end of a list that has more: reads on when it comes into view, and by its button. */
export function More({ query }: { query: Readable }) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const { ref, entry } = useIntersection({ rootMargin: '400px' })
  const isSeen = entry?.isIntersecting ?? false
  useEffect(() => {
    if (isSeen && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [isSeen, hasNextPage, isFetchingNextPage, fetchNextPage])
  if (!hasNextPage) return null
  return (
    <Center ref={ref} py="sm">
      <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        Show more
      </Button>
    </Center>
  )
}
