import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { newPerson, openPeople, tokenFrom } from '../../setup/accounts.ts'
import type { People } from '../../setup/accounts.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let people: People

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  people = openPeople(harness)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const device = (more: object = {}): Record<string, unknown> => ({
  deviceId: randomUUID(),
  registrationId: 'fcm-token',
  type: 'android',
  ...more,
})

const call = (operation: string, more: Call = {}): Promise<Reply> => harness.call('synerise', operation, more)

const as = (token: string): Pick<Call, 'headers'> => ({
  headers: { authorization: `Bearer ${token}`, 'api-version': '4.4' },
})

const newProfile = async (): Promise<{ clientId: string; customId: string }> => {
  const customId = randomUUID()
  const items = [{ identifiers: [{ kind: 'userId', value: customId }] }]
  const reply = await harness.call('native', 'write-profiles', { body: { items } })
  return {
    customId,
    clientId: String((reply.body as { items: { profileId: number }[] }).items[0]?.profileId),
  }
}

const devicesOf = async (profileId: string): Promise<unknown[]> => {
  const reply = await harness.call('native', 'list-devices', { params: { profileId } })
  return (reply.body as { items: { id: string }[] }).items.map(({ id }) => id)
}

/** A person who is logged in, with the id of the profile. */
const newLogin = async (): Promise<{ token: string; uuid: string; clientId: string }> => {
  const one = newPerson()
  await people.register(one)
  const token = tokenFrom(await people.logIn(one))
  const { clientId } = await people.ownData(token)
  return { token, uuid: one.uuid, clientId: String(clientId) }
}

const linkBy = (type: string, value: string, body: object, more: Call = {}): Promise<Reply> => {
  const params = { identifierType: type, identifierValue: value }
  return call('link-device-by-identifier', { ...more, params, body })
}

it('a workspace links devices by id and by every spelling of customId and uuid', async () => {
  const { clientId, customId } = await newProfile()
  const bodies = [device({ screenWidth: 1080, model: null, unknown: 'x' }), device(), device(), device()]
  expect((await call('link-device', { params: { clientId }, body: bodies[0] })).status).toBe(200)
  for (const [n, spelling] of ['by-customId', 'by-customid', 'by-custom-id'].entries()) {
    const reply = await linkBy(spelling, customId, bodies[n + 1] ?? {})
    expect([reply.status, reply.text]).toEqual([200, ''])
  }
  expect(new Set(await devicesOf(clientId))).toEqual(new Set(bodies.map(({ deviceId }) => deviceId)))
})

it('a person and a visitor link devices of their own, and no one else', async () => {
  const { token, uuid, clientId } = await newLogin()
  const stranger = await newProfile()
  const [own, byUuid] = [device(), device()]
  expect((await call('link-own-device', { ...as(token), body: own })).status).toBe(200)
  expect((await linkBy('by-uuid', uuid.toUpperCase(), byUuid, as(token))).status).toBe(200)
  expect(new Set(await devicesOf(clientId))).toEqual(new Set([own['deviceId'], byUuid['deviceId']]))
  const visitor = newPerson()
  const anonymous = tokenFrom(
    await people.call('login-anonymous', {
      apiKey: '@profileKey',
      uuid: visitor.uuid,
      deviceId: visitor.deviceId,
    }),
  )
  expect((await linkBy('by-uuid', visitor.uuid, device(), as(anonymous))).status).toBe(200)
  for (const [type, value] of [
    ['by-customId', stranger.customId],
    ['by-uuid', visitor.uuid],
    ['by-uuid', randomUUID()],
  ] as const)
    expectVendorError('synerise', await linkBy(type, value, device(), as(token)), 'forbidden')
  expectVendorError('synerise', await linkBy('by-uuid', uuid, device(), as(anonymous)), 'forbidden')
  expectVendorError(
    'synerise',
    await call('link-own-device', { ...as(anonymous), body: device() }),
    'forbidden',
  )
  expect(await devicesOf(stranger.clientId)).toEqual([])
})

it('two people who log in on one phone stay two: the phone is with who linked it last, what comes in by its id is not', async () => {
  const [ann, bob] = [await newLogin(), await newLogin()]
  const phone = device()
  for (const { token } of [ann, bob, ann, bob])
    expect((await call('link-own-device', { ...as(token), body: phone })).status).toBe(200)
  expect([await devicesOf(ann.clientId), await devicesOf(bob.clientId)]).toEqual([[], [phone['deviceId']]])
  expect((await people.ownData(ann.token))['clientId']).toBe(Number(ann.clientId))
  const holder = await harness.call('native', 'lookup-profile', {
    query: { kind: 'deviceId', value: String(phone['deviceId']) },
  })
  // Whoever learns the id of a phone must not get the events that another system sends by it.
  expect(holder.body).toMatchObject({ id: Number(ann.clientId) })
})

it('a device is linked once by a replay with the same Idempotency-Key', async () => {
  const [first, second] = [await newProfile(), await newProfile()]
  const body = device()
  const keyed = { params: { clientId: first.clientId }, body, headers: { 'idempotency-key': randomUUID() } }
  const answer = await call('link-device', keyed)
  await call('link-device', { params: { clientId: second.clientId }, body })
  const again = await call('link-device', keyed)
  expect([again.status, again.text]).toEqual([answer.status, answer.text])
  expect(await devicesOf(second.clientId)).toEqual([body['deviceId']])
  expectVendorError('synerise', await call('link-device', { ...keyed, body: device() }), 'unprocessable')
})

it('what is no device, or for nobody, is refused in shape B', async () => {
  const params = { clientId: (await newProfile()).clientId }
  const wrong = [
    { deviceId: undefined },
    { registrationId: undefined },
    { type: 'symbian' },
    { type: undefined },
    { deviceId: '' },
    { deviceId: 'null' },
    { deviceId: 'a\0' },
    { screenHeight: 1.5 },
    { screenWidth: 2_147_483_648 },
    { model: 'x'.repeat(256) },
  ]
  for (const more of wrong) {
    const reply = await call('link-device', { params, body: device(more) })
    expectVendorError('synerise', reply, 'invalid')
    expect(reply.body).toMatchObject({ path: `/clients/${params.clientId}/linked-devices`, errors: [{}] })
  }
  const large = device({ publicKey: 'x'.repeat(300_000) })
  expectVendorError('synerise', await call('link-device', { params, body: large }), 'too_large')
  expectVendorError('synerise', await linkBy('by-customId', randomUUID(), device()), 'not_found')
  expectVendorError('synerise', await linkBy('by-email', 'a@example.com', device()), 'not_found')
  const foreign: Call = { params, body: device(), workspace: 'Second' }
  expectVendorError('synerise', await call('link-device', foreign), 'not_found')
  const list = await harness.call('native', 'list-devices', {
    params: { profileId: params.clientId },
    workspace: 'Second',
  })
  expect(list.status).toBe(404)
  expect(await devicesOf(params.clientId)).toEqual([])
})
