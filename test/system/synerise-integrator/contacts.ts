import { expect } from 'vitest'
import { loggedIn } from './persons.ts'
import { newProfile } from './profiles.ts'
import { callExports, callSegments } from './segments.ts'
import type { World } from './world.ts'

interface Page {
  customers: { id: number }[]
}

interface NoteAnswer {
  id: string
}

/** Chapter 3, exports, contacts, companies, segmentations and notes. @param user the token of a user in the workspace */
export async function callContacts(world: World, user: string): Promise<void> {
  const { call } = world
  await callExports(world)
  const clientId = await newProfile(world, 'contact', { lastName: 'Zawadzka', company: 'Zawadzka & Co' })
  const params = { clientId }
  await call('crm-details', { params })
  const updated = await call('crm-update', { params, body: { firstname: 'Ewa', loyalty: 'silver' } })
  expect(updated).toMatchObject({ base: { firstname: { value: 'Ewa' }, loyalty: { value: 'silver' } } })
  const search = 'custom_identify:contact'
  const page = await call<Page>('crm-list', { query: { limit: '5', search, sortBy: 'created:DESC' } })
  expect(page).toMatchObject({ customers: [{ id: clientId }], limit: 5, offset: 0, matching: 1 })
  const query = { field: 'lastName', prefix: 'Zaw' }
  expect(await call('crm-autocomplete', { query })).toEqual({ entries: ['Zawadzka'] })
  await callCompanies(world, clientId)
  await callSegments(world)
  await call('crm-last-activity', { params })
  await callNotes(world, user, clientId)
  await callLogout(world)
}

async function callCompanies(world: World, clientId: number): Promise<void> {
  const { call } = world
  await world.before('create-company', { body: { customId: 'old-acme', company: 'Old Acme' } })
  const { clientId: oldId } = await world.before<{ clientId: number }>('fetch-client', {
    params: { identifierType: 'by-custom-id', identifierValue: 'old-acme' },
  })
  const renamed = await call('crm-update-company', { params: { clientId: oldId }, body: { company: 'Acme' } })
  expect(renamed).toMatchObject({ base: { company: { value: 'Acme' } } })
  const params = { clientId: await newProfile(world, 'beta', { company: 'Beta' }) }
  await call('crm-mark-company', { params })
  await call('crm-company-details', { params })
  const listed = await call<Page>('crm-list-companies', { query: { limit: '10' } })
  expect(listed.customers.map(({ id }) => id).sort()).toEqual([oldId, params.clientId].sort())
  const joined = { label: 'Joined', client: { id: clientId }, params: { companyId: params.clientId } }
  await world.before('assigned-to-company-event', { body: joined })
  const members = await call<Page>('crm-company-members', { params, query: { limit: '10', offset: '0' } })
  expect(members.customers.map(({ id }) => id)).toEqual([clientId])
  expect(await call('crm-company-of-profile', { params: { clientId } })).toBe('Beta')
  expect(await call('crm-company-identifier')).toBe('company')
}

async function callNotes({ call, before }: World, as: string, clientId: number): Promise<void> {
  const params = { clientId }
  const draft = { subject: 'Called', body: '<p>Wants a scarf</p>' }
  const { id: noteId } = await before<NoteAnswer>('create-note', { as, params, body: draft })
  expect(await call('list-notes', { as, params })).toMatchObject([{ id: noteId, ...draft }])
  const second = await call<NoteAnswer>('create-note', { as, params, body: draft })
  const one = { clientId, noteId: second.id }
  expect(await call('get-note', { as, params: one })).toEqual(second)
  const changed = { subject: 'Called again' }
  expect(await call('update-note', { as, params: one, body: changed })).toMatchObject(changed)
  await call('delete-note', { as, params: one })
  expect(await before<NoteAnswer[]>('list-notes', { as, params })).toHaveLength(1)
}

async function callLogout(world: World): Promise<void> {
  const { token } = await loggedIn(world)
  const { clientId } = await world.before<{ clientId: number }>('own-data', { as: token })
  await world.call('logout-client', { params: { clientID: clientId }, body: { action: 'LOGOUT' } })
  expect(await world.statusOf('own-data', { as: token })).toBe(401)
}
