import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

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

const call = (operation: string, sent: Call): Promise<Reply> => harness.call('synerise', operation, sent)

const idOf = async (customId: string): Promise<number> => {
  const query = { kind: 'userId', value: customId }
  const { body } = await harness.call('native', 'lookup-profile', { query })
  return (body as { id: number }).id
}

const make = async (more: object = {}): Promise<{ customId: string; clientId: string }> => {
  const customId = randomUUID()
  expect((await call('create-client', { body: { customId, ...more } })).status).toBe(202)
  return { customId, clientId: String(await idOf(customId)) }
}

/** The answers of a request that is sent twice under one key; in between what it had to find is gone, by itself. */
const twice = async (operation: string, sent: Call): Promise<Reply[]> => {
  const keyed = { ...sent, headers: { 'idempotency-key': randomUUID() } }
  return [await call(operation, keyed), await call(operation, keyed)]
}

describe('a retry with its Idempotency-Key gets the first answer, although what it was about', () => {
  it('is a company that is deleted by now', async () => {
    const customId = randomUUID()
    await call('create-company', { body: { customId } })
    const replies = await twice('delete-company', { params: { clientId: String(await idOf(customId)) } })
    expect(replies.map(({ status }) => status)).toEqual([202, 202])
  })

  it('are profiles that are merged by now', async () => {
    const [target, source] = [await make(), await make()]
    const params = { sourceCustomIDs: source.customId, targetCustomID: target.customId }
    const replies = await twice('merge-by-custom-id', { params })
    expect(replies.map(({ status }) => status)).toEqual([200, 200])
    expect(replies[1]?.body).toMatchObject({ previousClients: [source.customId] })
    const [other, one] = [await make(), await make()]
    const ids = { fromClientIds: one.clientId, toClientId: other.clientId }
    const byId = await twice('merge-by-id', { params: ids })
    expect(byId.map(({ status }) => status)).toEqual([200, 200])
    expect(byId[1]?.body).toEqual(byId[0]?.body)
  })

  it('is a profile that has another e-mail by now', async () => {
    const email = `${randomUUID()}@example.com`
    await make({ email })
    const sent = { params: { clientEmail: email }, body: { email: `new-${email}` } }
    const replies = await twice('update-client-by-email', sent)
    expect(replies.map(({ status }) => status)).toEqual([202, 202])
  })
})

describe('a contact', () => {
  it.each([{ customId: 123 }, { firstName: 5 }, { lastname: ['x'] }, { birthDate: 'yesterday' }])(
    'is refused for %o, under whichever name a field comes',
    async (body) => {
      const { clientId } = await make()
      expectVendorError('synerise', await call('crm-update', { params: { clientId }, body }), 'invalid')
    },
  )

  it('takes a field under either name; under both the first counts', async () => {
    const { clientId } = await make()
    const both = { firstName: 'Ana', firstname: 'Eva' }
    expect((await call('crm-update', { params: { clientId }, body: both })).status).toBe(200)
    const { body } = await call('get-client', { params: { clientId } })
    expect(body).toMatchObject({ firstName: 'Ana' })
  })
})

it('a number that no double holds is in the ledger, wherever an operation takes attributes', async () => {
  const { customId, clientId } = await make()
  const attributes = '"attributes":{"big":12345678901234567890}'
  const sent: [string, Call][] = [
    ['create-client', { rawBody: `{"customId":"${customId}",${attributes}}` }],
    ['update-client', { params: { clientId }, rawBody: `{${attributes}}` }],
    [
      'batch-clients',
      { rawBody: `[{"customId":"other-${customId}"},{"customId":"${customId}",${attributes}}]` },
    ],
    ['crm-update', { params: { clientId }, rawBody: '{"big":12345678901234567890}' }],
  ]
  const noted: unknown[] = []
  for (const [operation, request] of sent) {
    const reply = await call(operation, request)
    expect(reply.status, reply.text).toBeLessThan(300)
    const ledger = await harness.call('native', 'list-rejections', { query: { reason: 'number_as_text' } })
    const { items } = ledger.body as { items: { traceId: string; pointer: string }[] }
    noted.push(
      ...items
        .filter(({ traceId }) => traceId === reply.headers['x-request-id'])
        .map(({ pointer }) => pointer),
    )
  }
  expect(noted).toEqual(['/attributes/big', '/attributes/big', '/1/attributes/big', '/big'])
})
