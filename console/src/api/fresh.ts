import { useQuery } from '@tanstack/react-query'
import type { QueryKey, UseQueryOptions } from '@tanstack/react-query'

/**
 * Reads what is about to be changed: nothing that was read before the page was opened, which somebody may have changed since, so
 * that saving it would be refused.
 */
export function useFresh<Data, Key extends QueryKey>(options: UseQueryOptions<Data, Error, Data, Key>) {
  const { data, error, refetch, isFetchedAfterMount } = useQuery({ ...options, refetchOnMount: 'always' })
  return { data: isFetchedAfterMount ? data : undefined, error, refetch }
}
