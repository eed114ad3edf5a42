import { expect } from 'vitest'
import { loggedIn } from './persons.ts'
import { newProfile } from './profiles.ts'
import type { World } from './world.ts'

/** Chapter 5. */
export async function callDevices(world: World): Promise<void> {
  const clientId = await newProfile(world, 'device owner')
  const device = { deviceId: 'phone-1', registrationId: 'fcm-token', type: 'android', screenWidth: 1080 }
  await world.call('link-device', { params: { clientId }, body: device })
  const params = { identifierType: 'by-customId', identifierValue: 'device owner' }
  await world.call('link-device-by-identifier', { params, body: { ...device, deviceId: 'phone-2' } })
  const { token: as } = await loggedIn(world)
  await world.call('link-own-device', { as, body: { ...device, deviceId: 'phone-3' } })
}

interface TagAnswer {
  id: number
}

/** Chapter 6. */
export async function callTags(world: World): Promise<void> {
  const { call } = world
  const clientId = await newProfile(world, 'tagged', { tags: ['first'] })
  expect(await call('list-tags')).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'first' })]),
  )
  const { id: tagID } = await call<TagAnswer>('create-tag', { body: { name: 'second', color: '#0768ff' } })
  const red = { color: '#ff0000' }
  expect(await call('update-tag', { params: { tagID }, body: red })).toMatchObject({ id: tagID, ...red })
  const gone = await world.before<TagAnswer>('create-tag', { body: { name: 'third' } })
  await call('remove-tag', { params: { tagID: gone.id } })
  expect(await call('list-client-tags', { params: { clientId } })).toMatchObject([{ name: 'first' }])
  const params = { clientId, tagID }
  expect(await call('assign-tag', { params })).toMatchObject({ clientId, tagId: tagID })
  await call('unassign-tag', { params })
  expect(await world.before<TagAnswer[]>('list-client-tags', { params: { clientId } })).toHaveLength(1)
}
