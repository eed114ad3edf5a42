import { expect } from 'vitest'
import type { World } from './world.ts'

/** A profile, as far as the integrator reads it. */
interface ProfileAnswer {
  clientId: number
  firstName: string | null
  tags: string[]
  attributes: Record<string, unknown>
  previousClients: unknown[]
}

/** Makes a profile. @returns its clientId */
export async function newProfile(world: World, customId: string, more: object = {}): Promise<number> {
  await world.before('create-client', { body: { customId, ...more } })
  return clientIdOf(world, customId)
}

async function clientIdOf({ before }: World, customId: string): Promise<number> {
  const params = { identifierType: 'by-custom-id', identifierValue: customId }
  return (await before<ProfileAnswer>('fetch-client', { params })).clientId
}

/** Chapter 3, the profiles of /v4. */
export async function callProfiles(world: World): Promise<void> {
  const { call } = world
  const query = { pageIndex: '1', pageSize: '10', sortBy: 'email', sortOrder: 'ASC' }
  expect((await call<ProfileAnswer[]>('list-clients', { query })).length).toBeGreaterThan(0)
  const body = { customId: 'anna', email: 'anna@example.com', firstName: 'Anna', tags: ['vip'] }
  await call('create-client', { body })
  await callCompanies(world)
  await callMerges(world)
  await call('batch-clients', { body: [{ customId: 'b-1' }, { customId: 'b-2', email: 'b-2@example.com' }] })
  await callById(world)
  await callByIdentifier(world)
}

async function callCompanies(world: World): Promise<void> {
  await world.call('create-company', { body: { customId: 'gone-ltd', company: 'Gone Ltd' } })
  const clientId = await clientIdOf(world, 'gone-ltd')
  await world.call('delete-company', { params: { clientId } })
  await expectGone(world, clientId)
}

async function expectGone(world: World, clientId: number): Promise<void> {
  expect(await world.statusOf('get-client', { params: { clientId } })).toBe(404)
}

async function callMerges(world: World): Promise<void> {
  const loyal = { attributes: { loyalty: 'gold' } }
  const [kept, first, second] = [
    await newProfile(world, 'kept'),
    await newProfile(world, 'first', loyal),
    await newProfile(world, 'second'),
  ]
  const byCustomId = { sourceCustomIDs: 'first,kept', targetCustomID: 'kept' }
  const merged = await world.call<ProfileAnswer>('merge-by-custom-id', { params: byCustomId })
  expect(merged).toMatchObject({ clientId: kept, previousClients: ['first'], ...loyal })
  await expectGone(world, first)
  const byId = { fromClientIds: `${second},${kept}`, toClientId: kept }
  const again = await world.call<ProfileAnswer>('merge-by-id', { params: byId })
  expect(again).toMatchObject({ clientId: kept, previousClients: [second] })
}

async function callById(world: World): Promise<void> {
  const { call } = world
  const params = { clientId: await clientIdOf(world, 'anna') }
  const anna = await call<ProfileAnswer>('get-client', { params })
  expect(anna).toMatchObject({ firstName: 'Anna', tags: ['vip'], anonymous: false })
  await call('update-client', { params, body: { firstName: 'Hanna', attributes: { shoe: 38 } } })
  const gone = await newProfile(world, 'gone')
  await call('delete-client', { params: { clientId: gone } })
  await expectGone(world, gone)
}

async function callByIdentifier(world: World): Promise<void> {
  const { call } = world
  const city = { city: 'Kraków' }
  await call('update-client-by-email', { params: { clientEmail: 'anna@example.com' }, body: city })
  await call('update-client-by-custom-id', { params: { customId: 'anna' }, body: { lastName: 'Nowak' } })
  const gone = await newProfile(world, 'gone/too')
  await call('delete-client-by-custom-id', { params: { customId: 'gone/too' } })
  await expectGone(world, gone)
  const params = { identifierType: 'by-email', identifierValue: 'anna@example.com' }
  const anna = await call<ProfileAnswer>('fetch-client', { params })
  expect(anna).toMatchObject({ firstName: 'Hanna', lastName: 'Nowak', ...city, attributes: { shoe: 38 } })
}
