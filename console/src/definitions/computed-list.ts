import { listAggregates, listExpressions } from '@tributary/sdk'
import type { Computed } from '@tributary/sdk'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'
import { useMay } from '../api/session.ts'

/** What is computed of people. */
export type ComputedKind = 'aggregate' | 'expression'

const LISTS = { aggregate: listAggregates, expression: listExpressions } as const

/** As many as one page of a list has. */
const LIMIT = '500'

/** The aggregates or the expressions of the workspace, newest first. */
export function computedQuery(kind: ComputedKind) {
  return queryOptions({
    queryKey: ['computed', kind],
    queryFn: ({ signal }) => answerOf(LISTS[kind]({ client, signal, query: { limit: LIMIT } })),
    staleTime: 30_000,
  })
}

/** All aggregates or expressions; none until they are read, or for whoever may not read them. */
export function useComputed(kind: ComputedKind): readonly Computed[] {
  const may = useMay()
  const { data } = useQuery({ ...computedQuery(kind), enabled: may('segments:read') })
  return data?.items ?? []
}

/** What aggregates and expressions are called, by their ids. */
export function useComputedNames(): (id: string) => string | undefined {
  const all = [...useComputed('aggregate'), ...useComputed('expression')]
  const names = new Map(all.map(({ id, name }) => [id, name]))
  return (id) => names.get(id)
}
