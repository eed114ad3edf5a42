import { afterAll, beforeAll, expect, test } from 'vitest'
import { REFERENCE_IDS } from '../../src/dialects/synerise/reference.ts'
import { callAuthorization, callRegistration } from './synerise-integrator/authorization.ts'
import { callContacts } from './synerise-integrator/contacts.ts'
import { callDevices, callTags } from './synerise-integrator/devices-tags.ts'
import { callEvents } from './synerise-integrator/events.ts'
import { callOwnAccounts } from './synerise-integrator/own-accounts.ts'
import { callProfiles } from './synerise-integrator/profiles.ts'
import { openWorld } from './synerise-integrator/world.ts'
import type { World } from './synerise-integrator/world.ts'

/** An integrator calls what the reference has, in its order; what it calls to get there does not count. */
const CHAPTERS: Readonly<Record<string, (world: World) => Promise<void>>> = {
  '1. Authorization: profiles, a user with a second factor, a workspace': async (world) => {
    user = await callAuthorization(world)
  },
  '2. Profile registration: by PIN and by link': callRegistration,
  '3. Profile management: one by one, in batches, merges': callProfiles,
  '3. Profile management: exports, contacts, companies, segmentations, notes, a logout': (world) =>
    callContacts(world, user),
  '4. Profile account management: data, phone, passwords, e-mail, leaving': callOwnAccounts,
  '5. Profile devices': callDevices,
  '6. Profile tags': callTags,
  '7. Events: purchases, every type, lists': callEvents,
}

let world: World
let user = ''

beforeAll(async () => {
  world = await openWorld()
})

afterAll(() => world.close())

test.each(Object.entries(CHAPTERS))('%s', async (_title, callChapter) => {
  const before = world.called.length
  await callChapter(world)
  expect(world.called.length).toBeGreaterThan(before)
})

test('all 111 operations of the reference were called, in its order', () => {
  expect(world.called).toHaveLength(111)
  expect(world.called).toEqual(REFERENCE_IDS)
})
