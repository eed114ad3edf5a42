import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createApiKey } from '../../../src/core/access/index.ts'
import { inTransaction } from '../../../src/storage/db.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let count = 0

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const call = (operation: string, request: Call = {}): Promise<Reply> =>
  harness.call('native', operation, request)

const newAddress = (): string => `person-${++count}@example.com`

interface Shown {
  id: string
  recipient: string
  state: string
}

async function sendTest(recipient = newAddress(), request: Call = {}): Promise<Shown> {
  const reply = await call('send-test-message', { body: { channel: 'mail', recipient }, ...request })
  expect(reply.status, reply.text).toBe(202)
  const message = reply.body as Shown
  expect(reply.headers['location']).toBe(`/api/v1/outbox/${message.id}`)
  return message
}

const idsOf = (reply: Reply): string[] => (reply.body as { items: Shown[] }).items.map(({ id }) => id)

const codeOf = (reply: Reply): string => (reply.body as { code: string }).code

/** A key of the first workspace with these permissions only. */
async function keyWith(...permissions: string[]): Promise<{ headers: { authorization: string } }> {
  const [{ workspace_id: workspaceId } = { workspace_id: 0 }] = (
    await database.admin.query<{ workspace_id: number }>(
      `select workspace_id from workspace where name = 'First'`,
    )
  ).rows
  const { secret } = await inTransaction(database.db.general, (tx) =>
    createApiKey(tx, database.db, workspaceId, { scope: 'native', permissions }),
  )
  return { headers: { authorization: `Bearer ${secret}` } }
}

describe('the outbox', () => {
  it('lists messages newest first, page by page, without what they say', async () => {
    const recipient = newAddress()
    const ids = []
    for (let n = 0; n < 5; n++) ids.unshift((await sendTest(recipient)).id)
    const query = { recipient, limit: '2' }
    const pages = [await call('list-messages', { query })]
    for (let page = pages[0]; page; page = pages.at(-1)) {
      const { nextCursor } = page.body as { nextCursor: string | null }
      if (nextCursor === null) break
      pages.push(await call('list-messages', { query: { ...query, cursor: nextCursor } }))
    }
    expect(pages.map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    for (const { text } of pages) expect(text).not.toMatch(/"(text|html)":/)
  })

  it('is filtered by state and template', async () => {
    const { id, recipient } = await sendTest()
    const found = async (query: Record<string, string>): Promise<string[]> =>
      idsOf(await call('list-messages', { query: { recipient, ...query } }))
    expect(await found({ state: 'outbox', template: 'test' })).toEqual([id])
    expect(await found({ state: 'sent' })).toEqual([])
    expect(await found({ template: 'pin' })).toEqual([])
  })

  test.each([
    { state: 'lost' },
    { limit: '0' },
    { limit: 'x' },
    { cursor: 'x' },
    { recipient: '\0' },
    { to: 'x' },
  ])('refuses the query %j', async (query: Record<string, string>) => {
    expectVendorError('native', await call('list-messages', { query }), 'invalid')
  })

  it('shows nothing of another workspace, and sends nothing of it again', async () => {
    const { id, recipient } = await sendTest()
    const workspace = 'Second'
    const params = { messageId: id }
    expect(idsOf(await call('list-messages', { query: { recipient }, workspace }))).toEqual([])
    expectVendorError('native', await call('get-message', { params, workspace }), 'not_found')
    expectVendorError('native', await call('retry-message', { params, workspace }), 'not_found')
    expect((await call('get-message', { params })).status).toBe(200)
  })

  test.each(['nothing', randomUUID(), '%00'])('has no message %s', async (messageId) => {
    for (const operation of ['get-message', 'retry-message'])
      expectVendorError('native', await call(operation, { params: { messageId } }), 'not_found')
  })

  it('does not send again what is out', async () => {
    const { id } = await sendTest()
    await database.admin.query(`update message set state = 'sent' where message_id = $1`, [id])
    const reply = await call('retry-message', { params: { messageId: id } })
    expectVendorError('native', reply, 'conflict')
    expect(codeOf(reply)).toBe('CDP_MESSAGE_NOT_RETRYABLE')
  })
})

describe('a test message', () => {
  it('goes out once for one Idempotency-Key', async () => {
    const recipient = newAddress()
    const headers = { 'idempotency-key': randomUUID() }
    const [first, second] = [await sendTest(recipient, { headers }), await sendTest(recipient, { headers })]
    expect(second).toEqual(first)
    expect(await countOf(database, 'select count(*) from message where recipient = $1', [recipient])).toBe(1)
    const body = { channel: 'mail', recipient: newAddress() }
    expectVendorError('native', await call('send-test-message', { body, headers }), 'unprocessable')
  })

  it('can be a text message', async () => {
    const reply = await call('send-test-message', { body: { channel: 'sms', recipient: '+48123456789' } })
    expect(reply.body).toMatchObject({ channel: 'sms', subject: null, state: 'outbox' })
  })

  test.each([
    { channel: 'mail', recipient: 'a@example.com\r\nBcc: eve@evil.example' },
    { channel: 'mail', recipient: 'a@example.com, eve@evil.example' },
    { channel: 'mail', recipient: '+48123456789' },
    { channel: 'sms', recipient: 'a@example.com' },
    { channel: 'fax', recipient: '+48123456789' },
    { channel: 'mail' },
    { channel: 'mail', recipient: 'a@example.com', subject: 'x' },
    [],
  ])('is refused: %j', async (body) => {
    expectVendorError('native', await call('send-test-message', { body }), 'invalid')
  })
})

describe('a template', () => {
  const params = { name: 'password-reset' }
  const body = {
    subject: 'Reset at {{workspace}}',
    text: '{{link}}',
    html: '<a href="{{link}}">{{workspace}}</a>',
  }

  it("is the workspace's own until it is deleted, and no other workspace's", async () => {
    expect((await call('put-message-template', { params, body })).status).toBe(200)
    const own = await call('get-message-template', { params })
    expect(own.body).toMatchObject({ ...body, isBuiltIn: false, updatedAt: expect.any(String) })
    expect((await call('get-message-template', { params, workspace: 'Second' })).body).toMatchObject({
      isBuiltIn: true,
      subject: 'Choose a new password',
    })
    await call('delete-message-template', { params, workspace: 'Second' })
    expect((await call('get-message-template', { params })).body).toEqual(own.body)
    expect((await call('preview-message-template', { params, body: {} })).body).toMatchObject({
      subject: 'Reset at Shop',
      html: '<a href="https://example.com/confirm?code=sample">Shop</a>',
    })
    for (let n = 0; n < 2; n++) expect((await call('delete-message-template', { params })).status).toBe(204)
    expect((await call('get-message-template', { params })).body).toMatchObject({ isBuiltIn: true })
  })

  it('is what a test message says', async () => {
    const own = { subject: 'Own {{workspace}}', text: 'Own text', html: '<i>{{workspace}}</i>' }
    await call('put-message-template', { params: { name: 'test' }, body: own })
    const { id } = await sendTest()
    await call('delete-message-template', { params: { name: 'test' } })
    expect((await call('get-message', { params: { messageId: id } })).body).toMatchObject({
      subject: 'Own First',
      text: 'Own text',
      html: '<i>First</i>',
    })
  })

  test.each([
    [{ ...body, text: '{{link}} {{password}}' }, '/text'],
    [{ ...body, text: 'nothing' }, '/text'],
    [{ ...body, html: '<p>nothing</p>' }, '/html'],
    [{ ...body, subject: '{{nobody}}' }, '/subject'],
    [{ text: '{{link}}' }, '/subject'],
  ])('is refused, in a preview too: %j', async (draft, pointer) => {
    for (const reply of [
      await call('put-message-template', { params, body: draft }),
      await call('preview-message-template', { params, body: { draft } }),
    ]) {
      expectVendorError('native', reply, 'invalid')
      expect(reply.body).toMatchObject({ code: 'CDP_MESSAGE_TEMPLATE_INVALID', errors: [{ pointer }] })
    }
  })

  test.each([{}, { ...body, text: 7 }, { ...body, more: 1 }, { ...body, text: 'x'.repeat(20_001) }, []])(
    'of another shape is refused',
    async (draft) => {
      expectVendorError('native', await call('put-message-template', { params, body: draft }), 'invalid')
    },
  )

  it('of another name is not found, whatever is done to it', async () => {
    const missing = { name: '__proto__' }
    for (const [operation, request] of [
      ['get-message-template', {}],
      ['put-message-template', { body }],
      ['delete-message-template', {}],
      ['preview-message-template', { body: {} }],
    ] as const)
      expectVendorError('native', await call(operation, { params: missing, ...request }), 'not_found')
  })
})

describe('a key', () => {
  const requests: [string, string, Call][] = [
    ['list-messages', 'outbox:read', {}],
    ['get-message', 'outbox:read', { params: { messageId: randomUUID() } }],
    ['retry-message', 'outbox:retry', { params: { messageId: randomUUID() } }],
    ['send-test-message', 'messages:send', { body: { channel: 'mail', recipient: 'a@example.com' } }],
    ['list-message-templates', 'message-templates:read', {}],
    ['get-message-template', 'message-templates:read', { params: { name: 'pin' } }],
    ['preview-message-template', 'message-templates:read', { params: { name: 'pin' }, body: {} }],
    [
      'put-message-template',
      'message-templates:write',
      { params: { name: 'pin' }, body: { subject: 'x', text: '{{code}}' } },
    ],
    ['delete-message-template', 'message-templates:write', { params: { name: 'pin' } }],
  ]

  test.each(requests)(
    'of other permissions may not %s, one with %s may',
    async (operation, permission, request) => {
      const others = [...new Set(requests.map(([, name]) => name))].filter((name) => name !== permission)
      expectVendorError(
        'native',
        await call(operation, { ...request, ...(await keyWith(...others)) }),
        'forbidden',
      )
      const { status } = await call(operation, { ...request, ...(await keyWith(permission)) })
      expect([200, 202, 204, 404]).toContain(status)
      for (const credential of ['none', 'wrong'] as const)
        expectVendorError('native', await call(operation, { ...request, credential }), 'unauthenticated')
    },
  )
})
