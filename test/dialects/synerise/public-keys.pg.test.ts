import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomUUID } from 'node:crypto'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
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
  await harness.close()
  await database.close()
})

const { someone, send, clientIdOf, eventsOf } = openEvents(() => harness)

const makeKey = async (scope: string): Promise<string> => {
  const made = await harness.call('native', 'create-key', { body: { scope } })
  expect(made.status, made.text).toBe(201)
  return (made.body as { secret: string }).secret
}

const CARRIERS = {
  tracker: (secret: string): Call => ({ query: { token: secret }, credential: 'none' }),
  ai: (secret: string): Call => ({ headers: { 'X-Api-Key': secret }, credential: 'none' }),
}

const params = { correlationId: 'c', items: ['1'] }

describe.each(['tracker', 'ai'] as const)('a key of scope %s', (scope) => {
  const view = async (client: object, more: object = {}): Promise<Reply> => {
    const body = { label: 'x', client, params, ...more }
    return harness.call('synerise', 'recommendation-view-event', {
      ...CARRIERS[scope](await makeKey(scope)),
      body,
    })
  }

  it('writes what web pages write about anybody', async () => {
    const customId = someone()
    expect((await view({ customId })).status).toBe(200)
    expect((await view({ id: Number(await clientIdOf(customId)) })).status).toBe(200)
    expect(await eventsOf(customId)).toHaveLength(2)
  })

  it('brings no two profiles together and gives none an identifier: anybody can read it', async () => {
    const [first, second, uuid] = [someone(), randomUUID(), randomUUID()]
    await send('create-client', { customId: first })
    await send('create-client', { uuid: second, email: `${second}@example.com` })
    const readProfile = async (identifierType: string, identifierValue: string): Promise<unknown> => {
      const reply = await harness.call('synerise', 'fetch-client', {
        params: { identifierType, identifierValue },
      })
      return [reply.status, { ...(reply.body as object), lastActivityDate: undefined, timestamp: undefined }]
    }
    const before = [
      await readProfile('by-custom-id', first),
      await readProfile('by-uuid', second),
      await readProfile('by-uuid', uuid),
    ]
    for (const more of [{ email: `${second}@example.com` }, { uuid: second }, { uuid }])
      expect((await view({ customId: first, ...more })).status).toBe(200)
    const id = Number(await clientIdOf(first))
    expect((await view({ id, uuid, email: `${uuid}@example.com` })).status).toBe(200)
    expect([
      await readProfile('by-custom-id', first),
      await readProfile('by-uuid', second),
      await readProfile('by-uuid', uuid),
    ]).toEqual(before)
    expect(await eventsOf(first)).toHaveLength(4)
  })

  it('opens nothing else, and nothing in another workspace', async () => {
    const call = CARRIERS[scope](await makeKey(scope))
    expectVendorError('synerise', await harness.call('synerise', 'list-clients', call), 'forbidden')
    expectVendorError(
      'synerise',
      await harness.call('synerise', 'batch-events', { ...call, body: [] }),
      'forbidden',
    )
    const body = { label: 'x', client: { customId: someone() }, params }
    await harness.call('synerise', 'recommendation-view-event', { ...call, body })
    const lookup = { query: { kind: 'userId', value: body.client.customId }, workspace: 'Second' as const }
    expect((await harness.call('native', 'lookup-profile', lookup)).status).toBe(404)
  })

  it('does not stand in the ledger when its request is refused', async () => {
    const secret = await makeKey(scope)
    const body = { label: 'x', client: { customId: someone() }, params: { ...params, items: 1 } }
    const call = { ...CARRIERS[scope](secret), body }
    const refused = await harness.call('synerise', 'recommendation-view-event', call)
    expectVendorError('synerise', refused, 'invalid')
    expect(refused.text).not.toContain(secret)
    const entry = async (): Promise<string> => {
      const query = { reason: 'request_refused' }
      return (await harness.call('native', 'list-rejections', { query })).text
    }
    await expect.poll(entry).toContain(body.client.customId)
    expect(await entry()).not.toContain(secret)
  })

  it('counts for nothing beside a credential in the header of all others', async () => {
    const { query, headers } = CARRIERS[scope](await makeKey(scope))
    const call = { ...(query && { query }), headers: { ...headers, authorization: 'Bearer nonsense' } }
    const body = { label: 'x', client: { customId: someone() }, params }
    const reply = await harness.call('synerise', 'recommendation-view-event', { ...call, body })
    expectVendorError('synerise', reply, 'unauthenticated')
  })
})
