import { listChanges, listEvents, listMerges, listTransactions } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { UseInfiniteQueryResult } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { useMay } from '../../api/session.ts'
import type { ReadOn } from '../../parts/reads-on.ts'
import { profileKey } from './profile-query.ts'
import {
  changeEntry,
  eventEntry,
  holdsBack,
  mergeEntry,
  mergeSources,
  transactionEntry,
} from './timeline-entries.ts'
import type { Entry, Source } from './timeline-entries.ts'

/** What kinds of entries are shown. */
export type EntryKind = Entry['kind']

/** The timeline, and the way to more of it. */
export interface Timeline {
  entries: readonly Entry[]
  isLoading: boolean
  /** Why a list could not be read at all, or not again. */
  error: Error | null
  more: ReadOn
  refetch: () => Promise<unknown>
}

const LIMIT = '50'

/** Events, purchases, changes and merges of somebody in one order, read page by page from their own lists. */
export function useTimeline(id: number, kinds: readonly EntryKind[]): Timeline {
  const lists = useLists(String(id)).filter(({ kind }) => kinds.includes(kind))
  const sources = lists.map(({ source }) => source)
  return {
    entries: mergeSources(sources),
    isLoading: lists.some(({ query }) => query.isPending),
    error: lists.find(({ query }) => query.error && !query.isFetchNextPageError)?.query.error ?? null,
    more: moreOf(lists),
    refetch: () => Promise.all(lists.map(({ query }) => query.refetch())),
  }
}

/** Reads on where lists hold back the others; those of them that failed hold back everything until somebody asks again. */
function moreOf(lists: readonly List[]): ReadOn {
  const sources = lists.map(({ source }) => source)
  const waiting = lists.filter(({ source }) => holdsBack(source, sources)).map(({ query }) => query)
  const failed = waiting.find(({ isFetchNextPageError }) => isFetchNextPageError)
  return {
    hasNextPage: sources.some(({ hasMore }) => hasMore),
    isFetchingNextPage: lists.some(({ query }) => query.isFetchingNextPage),
    isFetchNextPageError: failed !== undefined,
    error: failed?.error ?? null,
    fetchNextPage: () => Promise.all(waiting.map((query) => query.fetchNextPage())),
  }
}

interface List {
  kind: EntryKind
  source: Source
  query: Pick<
    UseInfiniteQueryResult,
    'isPending' | 'error' | 'isFetchingNextPage' | 'isFetchNextPageError' | 'fetchNextPage' | 'refetch'
  >
}

function useLists(profileId: string): List[] {
  const key = (name: string) => [...profileKey(profileId), name]
  const path = { profileId }
  const enabled = useMay()('events:read')
  const events = useInfiniteQuery({
    ...pagesQuery(key('events'), ({ cursor, signal }) =>
      listEvents({ client, signal, path, query: { cursor, limit: LIMIT } }),
    ),
    enabled,
  })
  const transactions = useInfiniteQuery({
    ...pagesQuery(key('transactions'), ({ cursor, signal }) =>
      listTransactions({ client, signal, path, query: { cursor, limit: LIMIT } }),
    ),
    enabled,
  })
  const changes = useInfiniteQuery(
    pagesQuery(key('changes'), ({ cursor, signal }) =>
      listChanges({ client, signal, path, query: { cursor, limit: LIMIT } }),
    ),
  )
  const merges = useInfiniteQuery(
    pagesQuery(key('merges'), ({ cursor, signal }) =>
      listMerges({ client, signal, path, query: { cursor, limit: LIMIT } }),
    ),
  )
  return [
    { kind: 'event', query: events, source: sourceOf(events, eventEntry) },
    { kind: 'transaction', query: transactions, source: sourceOf(transactions, transactionEntry) },
    { kind: 'change', query: changes, source: sourceOf(changes, changeEntry) },
    { kind: 'merge', query: merges, source: sourceOf(merges, mergeEntry) },
  ]
}

function sourceOf<Item>(
  query: { data: { pages: { items: Item[] }[] } | undefined; hasNextPage: boolean },
  toEntry: (item: Item) => Entry,
): Source {
  return {
    entries: query.data?.pages.flatMap(({ items }) => items.map(toEntry)) ?? [],
    hasMore: query.hasNextPage,
  }
}
