import { expect } from 'vitest'
import { newProfile } from './profiles.ts'
import type { World } from './world.ts'

/** The definition of who has a loyalty level. */
const levelOf = (value: string): object => ({ type: 'attribute', name: 'level', operator: 'equals', value })

/** Chapter 3, exports: what people spent, and a greeting for each. */
export async function callExports(world: World): Promise<void> {
  const { call, before, native } = world
  const attributes = { level: 'gold' }
  const id = await newProfile(world, 'exported', {
    firstName: 'Zofia',
    email: 'zofia@example.com',
    attributes,
  })
  await newProfile(world, 'unseen', { attributes })
  for (const total of [20, 22.5]) {
    const bought = { label: 'Bought', action: 'shop.bought', client: { id }, params: { total } }
    await before('custom-event', { body: bought })
  }
  const spent = { function: 'sum', name: 'shop.bought', property: { name: 'total' } }
  const aggregate = await native<{ id: string }>('create-aggregate', {
    body: { name: 'Spent', definition: spent },
  })
  const operands = [
    { type: 'literal', value: 'Dear ' },
    { type: 'attribute', name: 'firstName' },
  ]
  const greeting = { name: 'Greeting', definition: { type: 'concat', operands } }
  const expression = await native<{ id: string }>('create-expression', { body: greeting })
  const segmentationHash = await before<string>('create-local-segmentation', { body: levelOf('gold') })
  const body = {
    name: 'Gold',
    fields: ['email', 'firstName', 'level'],
    agreementFilter: 'RECOGNIZED',
    segmentationHash,
    expressions: [expression.id],
    aggregates: [aggregate.id],
    excludedIds: [],
  }
  const task = await call<{ taskId: number }>('create-export-task', { body })
  const columnOrder = ['id', 'email', 'firstName', 'level', expression.id, aggregate.id]
  expect(task).toMatchObject({ columnOrder, estimatedCount: 1, ttl: '2h' })
  const query = { limit: '10000', offset: '0' }
  const row = { id, email: 'zofia@example.com', firstName: 'Zofia', level: 'gold' }
  expect(await call('get-export-data', { params: { taskId: task.taskId }, query })).toEqual([
    { ...row, [expression.id]: 'Dear Zofia', [aggregate.id]: 42.5 },
  ])
}

interface Page {
  customers: { id: number }[]
}

/** Chapter 3, segmentations of both kinds and a snapshot, in the order of the reference. */
export async function callSegments(world: World): Promise<void> {
  const { call, before, native } = world
  const attributes = { level: 'silver' }
  const email = 'silver@example.com'
  const known = await newProfile(world, 'silver-known', { email, attributes })
  const unknown = await newProfile(world, 'silver-unknown', { attributes })
  const idsOf = ({ customers }: Page): number[] => customers.map(({ id }) => id)
  const UUID = await before<string>('create-local-segmentation', { body: levelOf('silver') })
  const local = await call<Page>('list-local-segmentation', {
    params: { UUID },
    query: { recognized: 'ANONYMOUS' },
  })
  expect(local).toMatchObject({ customers: [{ id: unknown }], all: 2, matching: 1 })
  const segment = await native<{ id: string }>('create-segment', {
    body: { name: 'Silver', definition: levelOf('silver') },
  })
  const named = await call<Page>('list-segmentation', {
    params: { UUID: segment.id },
    query: { limit: '1', offset: '0', sortBy: 'created:ASC' },
  })
  expect(named).toMatchObject({ customers: [{ id: known }], all: 2 })
  await call<string>('create-local-segmentation', {
    query: { recognized: 'RECOGNIZED' },
    body: { name: 'Silver with an e-mail', definition: levelOf('silver') },
  })
  const copy = await call<{ materializationId: number }>('create-materialization', {
    body: { segment: segment.id },
  })
  expect(copy).toMatchObject({ count: 2 })
  await newProfile(world, 'silver-later', { attributes })
  const params = { materializationId: copy.materializationId }
  expect(idsOf(await call<Page>('list-materialization', { params }))).toEqual([unknown, known])
}
