import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomUUID } from 'node:crypto'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { newPerson, openPeople } from '../../setup/accounts.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openEvents } from '../../setup/synerise-events.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.setSettings({ timezone: 'UTC', emailIdentity: 'unique' })
  await harness.close()
  await database.close()
})

const { someone, send, clientIdOf, eventsOf } = openEvents(() => harness)

const custom = (client: object, params: object): Promise<Reply> =>
  send('custom-event', { label: 'x', action: 'test.done', client, params })

describe('a param email', () => {
  const address = (): string => `${randomUUID()}@example.com`

  it('is taken when it is the e-mail of the profile, in any spelling', async () => {
    const [customId, email] = [someone(), address()]
    await send('create-client', { customId, email: email.toUpperCase() })
    for (const spelling of [email, email.toUpperCase()])
      expect((await custom({ customId }, { email: spelling })).status).toBe(202)
    expect(await eventsOf(customId)).toHaveLength(2)
  })

  it('is taken when the event itself makes the profile with this e-mail, or gives it that', async () => {
    const [customId, email, other] = [someone(), address(), address()]
    expect((await custom({ email }, { email })).status).toBe(202)
    expect((await custom({ customId, email: other }, { email: other })).status).toBe(202)
    expect((await custom({ customId }, { email: other })).status).toBe(202)
    expect(await eventsOf(customId)).toHaveLength(2)
  })

  it.each([
    ['another address', (): unknown => address()],
    ['no address', (): unknown => 'nobody'],
    ['no text', (): unknown => ({ a: 1 })],
  ])('that is %s is refused, and nothing is stored', async (_what, wrong) => {
    const customId = someone()
    const reply = await custom({ customId, email: address() }, { email: wrong() })
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({ path: '/events/custom', errors: [{ field: 'params.email' }] })
    const lookup = { query: { kind: 'userId', value: customId } }
    expect((await harness.call('native', 'lookup-profile', lookup)).status).toBe(404)
  })

  it('is refused where the profile has no e-mail', async () => {
    const customId = someone()
    await send('create-client', { customId })
    expect((await custom({ customId }, { email: address() })).status).toBe(400)
    expect(await eventsOf(customId)).toEqual([])
  })

  it('that is wrong in one item refuses the whole batch, and names the item', async () => {
    const [customId, email] = [someone(), address()]
    await send('create-client', { customId, email })
    const item = { type: 'shared', label: 'x', client: { customId } }
    const batch = [item, { ...item, params: { email } }, { ...item, params: { email: address() } }]
    const reply = await send('batch-events', batch)
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({ errors: [{ field: '[2].params.email' }] })
    expect(await eventsOf(customId)).toEqual([])
    expect((await send('batch-events', batch.slice(0, 2))).status).toBe(202)
    expect(await eventsOf(customId)).toHaveLength(2)
  })

  it('is that of the profile also where e-mails identify nobody', async () => {
    await harness.setSettings({ emailIdentity: 'contact' })
    const [customId, email] = [someone(), address()]
    await send('create-client', { customId, email })
    expect((await custom({ customId }, { email })).status).toBe(202)
    expect((await custom({ customId }, { email: address() })).status).toBe(400)
    await harness.setSettings({ emailIdentity: 'unique' })
  })

  it('is that of the caller where a profile writes about itself', async () => {
    const people = openPeople(harness)
    const person = newPerson()
    const token = await people.anonymous(person)
    const body = { label: 'x', action: 'test.done', client: { uuid: person.uuid } }
    const call = (email: string): Promise<Reply> =>
      people.call('custom-event', { ...body, params: { email } }, token)
    expect((await call(person.email)).status).toBe(400)
    await send('create-client', { uuid: person.uuid, email: person.email })
    expect((await call(person.email)).status).toBe(202)
  })
})

describe('reserved params', () => {
  it('are ignored and noted', async () => {
    const customId = someone()
    await custom({ customId }, { kept: 1, modifiedBy: 'me', apiKey: 'k', eventUUID: 'u', time: 't', ip: 'i' })
    const [event] = await eventsOf(customId)
    expect(event?.params).toMatchObject({ kept: 1, ip: null, eventUUID: event?.uuid })
    expect(Object.keys(event?.params ?? {})).not.toContain('apiKey')
    const query = { reason: 'attribute_name_reserved' }
    const { text } = await harness.call('native', 'list-rejections', { query })
    for (const name of ['modifiedBy', 'apiKey', 'eventUUID', 'time', 'ip'])
      expect(text).toContain(`/params/${name}`)
  })
})

describe('local dates and times', () => {
  it('of params and of attributes get the offset of the workspace, at any depth; all else stays', async () => {
    await harness.setSettings({ timezone: 'Europe/Warsaw' })
    const customId = someone()
    const sent = {
      local: '2023-10-09T12:00:00',
      winter: '2023-01-09T12:00:00.5',
      utc: '2023-10-09T12:00:00Z',
      offset: '2023-10-09T12:00:00-05:00',
      date: '2023-10-09',
      text: 'at 2023-10-09T12:00:00',
      list: [{ at: '2023-10-09T12:00:00' }],
    }
    const read = {
      ...sent,
      local: '2023-10-09T12:00:00+02:00',
      winter: '2023-01-09T12:00:00.5+01:00',
      list: [{ at: '2023-10-09T12:00:00+02:00' }],
    }
    await send('create-client', { customId, attributes: sent })
    await custom({ customId }, sent)
    await send('batch-clients', [{ customId, attributes: { batched: sent.local } }])
    const [event] = await eventsOf(customId)
    expect(event?.params).toMatchObject(read)
    const lookup = { params: { clientId: await clientIdOf(customId) } }
    const { body } = await harness.call('synerise', 'get-client', lookup)
    expect(body).toMatchObject({ attributes: { ...read, batched: read.local } })
    await harness.setSettings({ timezone: 'UTC' })
  })

  it('do not move the time of the event, which is UTC', async () => {
    await harness.setSettings({ timezone: 'Europe/Warsaw' })
    const customId = someone()
    const time = '2023-10-09T12:00:00'
    await send('custom-event', { label: 'x', action: 'test.done', client: { customId }, time })
    const [event] = await eventsOf(customId)
    expect(event).toMatchObject({ time: '2023-10-09T12:00:00.000Z', params: { 'snr-original-time': time } })
    await harness.setSettings({ timezone: 'UTC' })
  })
})
