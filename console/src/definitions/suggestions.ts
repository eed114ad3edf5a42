import { useDebouncedValue } from '@mantine/hooks'
import { listAttributes, listEventNames } from '@tributary/sdk'
import type { Attribute } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'
import { useMay } from '../api/session.ts'
import type { ValueType } from './values.ts'

/** What a name is a name of. */
export type NameOf = { of: 'attribute' } | { of: 'property'; event: string | undefined } | { of: 'event' }

/** Attributes that every profile may have, also before anybody has sent one. */
const STANDARD = [
  'firstName',
  'lastName',
  'email',
  'phone',
  'city',
  'country',
  'company',
  'birthDate',
  'language',
]

const SHOWN = '50'
const TYPES = new Set<string>(['string', 'number', 'boolean', 'array', 'object'])

/** Names that occur in the workspace and hold what was typed so far. */
export function useNames(target: NameOf, typed: string): string[] {
  const [search] = useDebouncedValue(typed.trim(), 200)
  const attributes = useAttributes(target, search)
  const events = useEvents(target, search)
  if (target.of === 'event') return events
  const standard = target.of === 'attribute' ? STANDARD.filter((name) => holds(name, search)) : []
  return [...new Set([...attributes.map(({ name }) => name), ...standard])]
}

/** The types in which values of a name came; none when that is not known. */
export function useTypes(target: NameOf, name: string): ValueType[] {
  const [search] = useDebouncedValue(name, 200)
  const found = useAttributes(target, search).filter((attribute) => attribute.name === name)
  const types = found.flatMap((attribute) => attribute.types.map(({ type }) => type))
  return [...new Set(types)].filter((type): type is ValueType => TYPES.has(type))
}

function holds(name: string, search: string): boolean {
  return name.toLowerCase().includes(search.toLowerCase())
}

function useAttributes(target: NameOf, search: string): Attribute[] {
  const may = useMay()
  const event = target.of === 'property' ? target.event : undefined
  const query = {
    target: target.of === 'property' ? ('event' as const) : ('profile' as const),
    limit: SHOWN,
    ...(search !== '' && { search }),
    ...(event !== undefined && event !== '' && { eventName: event }),
  }
  const { data } = useQuery({
    queryKey: ['attributes', query],
    queryFn: ({ signal }) => answerOf(listAttributes({ client, signal, query })),
    enabled: target.of !== 'event' && may('attributes:read'),
    placeholderData: (before) => before,
    staleTime: 60_000,
  })
  return data?.items ?? []
}

function useEvents(target: NameOf, search: string): string[] {
  const may = useMay()
  const query = { limit: SHOWN, ...(search !== '' && { search }) }
  const { data } = useQuery({
    queryKey: ['event-names', query],
    queryFn: ({ signal }) => answerOf(listEventNames({ client, signal, query })),
    enabled: target.of === 'event' && may('events:read'),
    placeholderData: (before) => before,
    staleTime: 60_000,
  })
  return data?.items.map(({ name }) => name) ?? []
}
