import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomUUID } from 'node:crypto'
import { EVENT_TYPES, operationIdOf } from '../../../src/dialects/synerise/events/types.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { newPerson, openPeople, tokenFrom } from '../../setup/accounts.ts'
import type { People } from '../../setup/accounts.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openEvents } from '../../setup/synerise-events.ts'
import type { ShownEvent } from '../../setup/synerise-events.ts'

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

const { someone, send, clientIdOf, listOf } = openEvents(() => harness)

/** Somebody with a token, and what they may call themselves. */
interface Self {
  token: string
  clientId: number
  uuid: string
  email?: string
}

const anonymous = async (): Promise<Self> => {
  const person = newPerson()
  const token = await people.anonymous(person)
  const lookup = { params: { identifierType: 'by-uuid', identifierValue: person.uuid } }
  const { body } = await harness.call('synerise', 'fetch-client', lookup)
  return { token, clientId: (body as { clientId: number }).clientId, uuid: person.uuid }
}

const profile = async (): Promise<Self> => {
  const person = newPerson()
  await people.register(person)
  const token = tokenFrom(await people.logIn(person))
  const { clientId } = await people.ownData(token)
  return { token, clientId: Number(clientId), uuid: person.uuid, email: person.email }
}

const event = { label: 'x', action: 'test.done' }

const sendAs = ({ token }: Self, client: object, more: object = {}): Promise<Reply> =>
  people.call('custom-event', { ...event, client, ...more }, token)

const actionsOf = async (clientId: number): Promise<string[]> =>
  (await listOf(String(clientId))).map(({ action }) => action).filter((action) => action === 'test.done')

const profileCount = async (): Promise<number> => {
  const { rows } = await database.admin.query<{ n: number }>('select count(*)::int as n from profile')
  return rows[0]?.n ?? 0
}

describe.each([
  ['a profile', profile],
  ['an anonymous profile', anonymous],
])('%s', (_who, openSelf) => {
  it('writes about itself by each of its names', async () => {
    const self = await openSelf()
    const { clientId: id, uuid, email } = self
    const names = [{ id }, { uuid }, { uuid, id }, ...(email === undefined ? [] : [{ email }])]
    for (const client of names) expect([client, (await sendAs(self, client)).status]).toEqual([client, 202])
    expect(await actionsOf(id)).toHaveLength(names.length)
  })

  it('is refused when it names somebody else, or somebody whom nobody knows, and stores nothing', async () => {
    const self = await openSelf()
    const other = await openSelf()
    const customId = someone()
    await send('create-client', { customId, email: `${customId}@example.com` })
    const [profiles, unknown] = [await profileCount(), randomUUID()]
    const foreign = [
      { id: other.clientId },
      { uuid: other.uuid },
      { customId },
      { email: `${customId}@example.com` },
      { uuid: unknown },
      { customId: unknown },
      { email: `${unknown}@example.com` },
      { id: 999_999_999 },
      { id: self.clientId, customId: unknown },
      { uuid: self.uuid, email: `${customId}@example.com` },
    ]
    for (const client of foreign) {
      expectVendorError('synerise', await sendAs(self, client), 'forbidden')
      const batch = [
        { type: 'shared', label: 'x', client: { uuid: self.uuid } },
        { type: 'shared', label: 'x', client },
      ]
      const reply = await people.call('batch-events', batch, self.token)
      expect([client, reply.status < 300]).toEqual([client, false])
    }
    expect(await profileCount()).toBe(profiles)
    for (const id of [self.clientId, other.clientId, Number(await clientIdOf(customId))])
      expect(await actionsOf(id)).toEqual([])
  })

  it('is asked for a client like anybody else', async () => {
    const self = await openSelf()
    expectVendorError('synerise', await people.call('custom-event', event, self.token), 'invalid')
    expectVendorError('synerise', await sendAs(self, { customId: 'null' }), 'invalid')
  })

  it('is held to itself by the operation of every type that it may call', async () => {
    const self = await openSelf()
    const open = EVENT_TYPES.filter(({ callers }) => callers.includes('A'))
    for (const eventType of open) {
      const body = { ...event, client: { customId: 'nobody' }, params: SOME_PARAMS }
      const reply = await people.call(operationIdOf(eventType), body, self.token)
      expect([eventType.type, reply.status]).toEqual([eventType.type, 403])
    }
  })

  it('writes about the profile that it was merged into', async () => {
    const self = await openSelf()
    const customId = someone()
    await send('create-client', { customId })
    const survivor = Number(await clientIdOf(customId))
    const merged = await harness.call('native', 'merge-profiles', {
      body: { from: self.clientId, into: survivor },
    })
    expect(merged.status, merged.text).toBeLessThan(300)
    const reply = await sendAs(self, { uuid: self.uuid })
    expect(reply.status, reply.text).toBe(202)
    expect((await sendAs(self, { id: self.clientId })).status).toBe(202)
    expect((await sendAs(self, { customId })).status).toBe(202)
    expect(await actionsOf(survivor)).toHaveLength(3)
  })

  it('does not send in a batch what only workspaces may send', async () => {
    const self = await openSelf()
    const batch = [{ type: 'cancelled-transaction', label: 'x', client: { uuid: self.uuid } }]
    expectVendorError('synerise', await people.call('batch-events', batch, self.token), 'forbidden')
  })
})

/** Params that every type takes. */
const SOME_PARAMS = {
  applicationName: 'a',
  version: '1',
  sku: 's',
  quantity: 1,
  finalUnitPrice: { amount: 1, currency: 'PLN' },
  companyId: 1,
  lat: 1,
  lon: 1,
  correlationId: 'c',
  item: 'i',
  position: 1,
  searchType: 'autocomplete',
}

describe('the own events of a profile', () => {
  it('are those of its profile alone, by the query of the workspace', async () => {
    const [self, other] = [await profile(), await profile()]
    for (const day of ['01', '02'])
      await sendAs(self, { id: self.clientId }, { time: `2024-01-${day}T00:00:00Z`, action: `on.${day}` })
    await sendAs(other, { id: other.clientId })
    const list = async (query: Record<string, string> = {}): Promise<string[]> => {
      const headers = { authorization: `Bearer ${self.token}` }
      const reply = await harness.call('synerise', 'list-own-events', { headers, query })
      return (reply.body as ShownEvent[]).map(({ action }) => action)
    }
    expect((await list()).filter((action) => /^(on|test)/.test(action))).toEqual(['on.02', 'on.01'])
    expect(await list({ action: 'on.01' })).toEqual(['on.01'])
    expect(await list({ 'time[to]': '2024-01-01T00:00:00Z' })).toEqual(['on.01'])
    expect(await list({ limit: '1', 'time[to]': '2024-12-31T00:00:00Z' })).toEqual(['on.02'])
  })
})
