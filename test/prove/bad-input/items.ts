import type { TestDatabase } from '../../setup/database.ts'
import { rowsOf } from '../../setup/database.ts'
import { mutate, textOf, treeOf } from './json-tree.ts'
import type { TreeMutation } from './json-tree.ts'
import { tableNames } from './stored.ts'

/** An operation that takes several items, of which each stands for itself. */
export interface ItemOperation {
  dialect: string
  operation: string
  /** A good item that leaves `marker` in what is stored of it. */
  item: (marker: string) => unknown
  /** The body around items. */
  body: (items: readonly string[]) => string
  /** Which items an answer of success says were refused. */
  refused: (answer: never) => number[]
}

interface Results {
  items: { status: string }[]
}

interface Errors {
  errors?: { row: number }[]
}

const rowsRefused = ({ errors = [] }: Errors): number[] => errors.map(({ row }) => row)
const resultsRefused = ({ items }: Results): number[] =>
  items.flatMap(({ status }, index) => (status === 'refused' ? [index] : []))

/** Every operation whose answer tells of single items. */
export const ITEM_OPERATIONS: readonly ItemOperation[] = [
  {
    dialect: 'native',
    operation: 'write-profiles',
    item: (marker) => ({
      identifiers: [{ kind: 'userId', value: `u-${marker}` }],
      attributes: { firstName: 'Ana', note: marker, visits: 3 },
      consents: [{ channel: 'email', state: 'granted' }],
      tags: ['vip'],
    }),
    body: (items) => `{"items":[${items.join(',')}]}`,
    refused: resultsRefused,
  },
  {
    dialect: 'native',
    operation: 'create-events',
    item: (marker) => ({
      identifiers: [{ kind: 'userId', value: `u-${marker}` }],
      name: 'Order Completed',
      occurredAt: '2026-01-31T09:00:00Z',
      properties: { total: 59.9, note: marker },
    }),
    body: (items) => `{"items":[${items.join(',')}]}`,
    refused: resultsRefused,
  },
  {
    dialect: 'synerise',
    operation: 'batch-clients',
    item: (marker) => ({
      customId: `c-${marker}`,
      firstName: 'Ana',
      sex: 'FEMALE',
      attributes: { note: marker },
    }),
    body: (items) => `[${items.join(',')}]`,
    refused: (answer: { field: string }[] | '') =>
      answer === '' ? [] : answer.map(({ field }) => Number(/^\[(\d+)\]/.exec(field)?.[1])),
  },
  {
    dialect: 'xtremepush',
    operation: 'hit-event',
    item: (marker) => ({ user_id: `x-${marker}`, event: 'seen', value: marker }),
    body: (items) => `{"apptoken":"@apptoken","events":[${items.join(',')}]}`,
    refused: rowsRefused,
  },
  {
    dialect: 'xtremepush',
    operation: 'import-profile',
    item: (marker) => [`x-${marker}`, 'Ana', marker],
    body: (items) =>
      `{"apptoken":"@apptoken","columns":["user_id","first_name","note"],"rows":[${items.join(',')}]}`,
    refused: rowsRefused,
  },
]

/** The text of an item, bent or not. */
export function bentItem(item: unknown, mutations: readonly TreeMutation[]): string {
  return textOf(mutations.reduce(mutate, treeOf(item)))
}

/** The form of markers: it stands in nothing else. */
export const markerOf = (number: number): string => `mk${number}km`

/** Every marker that some table holds which is not a note of attempts. */
export async function storedMarkers(database: Pick<TestDatabase, 'admin'>): Promise<Set<string>> {
  const names = await tableNames(database)
  const searches = names.map(
    (name) => `select distinct (regexp_matches(t::text, 'mk\\d+km', 'g'))[1] as marker from "${name}" t`,
  )
  const rows = await rowsOf<{ marker: string }>(database, searches.join(' union '))
  return new Set(rows.map(({ marker }) => marker))
}
