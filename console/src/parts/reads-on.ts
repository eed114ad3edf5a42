/** A list that may have more, as far as it was read. */
export interface ReadOn {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  /** The last try to read on failed; it stays so until another one works. */
  isFetchNextPageError: boolean
  error: Error | null
  fetchNextPage: () => Promise<unknown>
}

/**
 * Whether a list may read on by itself. After a failure it does not, since the next try would begin at once, and fail, without
 * an end: then somebody has to ask for it.
 */
export function readsOn(
  list: Pick<ReadOn, 'hasNextPage' | 'isFetchingNextPage' | 'isFetchNextPageError'>,
): boolean {
  return list.hasNextPage && !list.isFetchingNextPage && !list.isFetchNextPageError
}
