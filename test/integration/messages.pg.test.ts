import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openCodes } from '../../src/core/codes/index.ts'
import { forgetMessages } from '../../src/core/messages/index.ts'
import { DAY_MS, now } from '../../src/lib/time.ts'
import { NO_WORKSPACE } from '../../src/model/message.ts'
import { inTransaction } from '../../src/storage/db.ts'
import { countOf, rowsOf } from '../setup/database.ts'
import { openSilentServer } from '../setup/mail-server.ts'
import {
  SECRET_KEY,
  activation,
  atTime,
  deliverAll,
  newAddress,
  openPost,
  readAgain,
} from '../setup/messages.ts'
import type { Post } from '../setup/messages.ts'

let post: Post

beforeAll(async () => {
  post = await openPost()
})

afterEach(() => post.settle())

afterAll(() => post.close())

const MINUTE_MS = 60_000

describe('a mail', () => {
  it('arrives as text and HTML with its values, escaped, and its body is forgotten', async () => {
    const messages = post.open()
    const message = await post.enqueue(messages, activation(newAddress()))
    await deliverAll(messages)
    const { mail, recipients, sender } = await post.mailServer.mailTo(message.recipient)
    expect([sender, recipients]).toEqual(['no-reply@example.com', [message.recipient]])
    expect(mail.subject).toBe('Activate your account at Tom & "Jerry" <Shop>')
    expect(mail.from).toMatchObject({ name: 'Shop', address: 'no-reply@example.com' })
    expect(mail.to).toMatchObject([{ address: message.recipient }])
    expect(mail.text).toContain('Welcome to Tom & "Jerry" <Shop>.')
    expect(mail.text).toContain('https://example.com/a?x=1&y=2')
    expect(mail.html).toContain('Tom &amp; &quot;Jerry&quot; &lt;Shop&gt;')
    expect(mail.html).toContain('<a href="https://example.com/a?x=1&amp;y=2">')
    expect(mail.messageId).toBe(`<${message.messageId}@example.com>`)
    expect(mail.headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
    )
    expect(await readAgain(messages, message)).toMatchObject({
      state: 'sent',
      attempts: 1,
      subject: mail.subject,
      recipient: message.recipient,
      text: undefined,
      html: undefined,
      lastError: undefined,
      sentAt: expect.any(Number),
    })
    expect(
      await countOf(
        post.database,
        'select count(*) from message where message_id = $1 and sealed_body is null',
        [message.messageId],
      ),
    ).toBe(1)
  })

  it('carries a PIN that opens what it was made for', async () => {
    const messages = post.open()
    const codes = openCodes({ db: post.database.db, secretKey: SECRET_KEY })
    const recipient = newAddress()
    const place = { workspaceId: 1, purpose: 'login', subject: recipient }
    await inTransaction(post.database.db.general, async (tx) => {
      const { secret } = await codes.issue(tx, { ...place, payload: 1, lifeSeconds: 600, form: 'pin' })
      const values = { code: secret, workspace: 'Shop', expires: 'in 10 minutes' }
      await messages.enqueue(tx, { workspaceId: 1, channel: 'mail', template: 'pin', recipient, values })
    })
    await deliverAll(messages)
    const { mail } = await post.mailServer.mailTo(recipient)
    const secret = /^(\d{6}) is your code for Shop\./.exec(mail.text ?? '')?.[1] ?? ''
    const used = await inTransaction(post.database.db.general, (tx) =>
      codes.consumeTyped(tx, { ...place, secret }),
    )
    expect(used.subject).toBe(recipient)
  })

  it('that waits has nothing in the database that would open anything', async () => {
    const message = await post.enqueue(post.open(), activation(newAddress()))
    const rows = await rowsOf<{ text: string }>(
      post.database,
      `select m::text || coalesce(encode(sealed_body, 'escape'), '') as text from message as m where message_id = $1`,
      [message.messageId],
    )
    expect(rows[0]?.text).toContain(message.recipient)
    expect(rows[0]?.text).not.toMatch(/example\.com\/a|x=1|Welcome/)
  })

  it('is not sent when its transaction is rolled back', async () => {
    const messages = post.open()
    const recipient = newAddress()
    const refused = inTransaction(post.database.db.general, async (tx) => {
      await messages.enqueue(tx, activation(recipient))
      throw new Error('refused')
    })
    await expect(refused).rejects.toThrow('refused')
    expect(
      await countOf(post.database, 'select count(*) from message where recipient = $1', [recipient]),
    ).toBe(0)
  })

  it('has no header or recipient that a value brought in', async () => {
    const messages = post.open()
    const good = activation(newAddress())
    const workspace = 'x\r\nBcc: eve@evil.example\r\nX-Evil: 1\r\n\r\nbody'
    const message = await post.enqueue(messages, { ...good, values: { ...good.values, workspace } })
    await deliverAll(messages)
    const { mail, recipients } = await post.mailServer.mailTo(message.recipient)
    expect(recipients).toEqual([message.recipient])
    expect(mail.bcc ?? []).toEqual([])
    expect(mail.headers.map(({ key }) => key)).not.toContain('x-evil')
    expect(mail.subject).toBe('Activate your account at x Bcc: eve@evil.example X-Evil: 1 body')
    for (const recipient of [
      'a@example.com\r\nBcc: eve@evil.example',
      'a@example.com, eve@evil.example',
      'Eve <eve@evil.example>',
      '',
    ])
      await expect(post.enqueue(messages, activation(recipient))).rejects.toMatchObject({
        code: 'CDP_RECIPIENT_INVALID',
      })
  })

  it("is said in its workspace's words, which are no other workspace's", async () => {
    const messages = post.open()
    await messages.templates.save(1, 'activation', { subject: 'Hi from {{workspace}}', text: 'Go: {{link}}' })
    const own = await post.enqueue(messages, activation(newAddress()))
    const other = await post.enqueue(messages, { ...activation(newAddress()), workspaceId: 2 })
    const nobodys = await post.enqueue(messages, { ...activation(newAddress()), workspaceId: NO_WORKSPACE })
    await messages.templates.reset(1, 'activation')
    expect([own.subject, own.text]).toEqual([
      'Hi from Tom & "Jerry" <Shop>',
      'Go: https://example.com/a?x=1&y=2',
    ])
    expect(own.html).toContain('<p>Go: <a href="https://example.com/a?x=1&amp;y=2">')
    expect(other.subject).toMatch(/^Activate your account at /)
    expect(nobodys.subject).toBe(other.subject)
    await expect(messages.get(1, other.messageId)).rejects.toMatchObject({ code: 'CDP_MESSAGE_NOT_FOUND' })
    await expect(messages.retry(1, other.messageId)).rejects.toMatchObject({ code: 'CDP_MESSAGE_NOT_FOUND' })
  })
})

describe('a text message', () => {
  const sms = {
    workspaceId: 1,
    channel: 'sms',
    template: 'pin',
    recipient: '+48123456789',
    values: { code: '123456', workspace: 'Shop', expires: 'soon' },
  } as const

  it('is posted to the webhook, again until it takes it, with the same id', async () => {
    const messages = post.open()
    const message = await inTransaction(post.database.db.general, (tx) => messages.enqueue(tx, sms))
    expect([message.subject, message.html]).toEqual([undefined, undefined])
    post.webhook.statuses.push(500, 302)
    for (const minutes of [0, 1, 3])
      await atTime(now() + 1_000 + minutes * MINUTE_MS, () => deliverAll(messages, 'sms'))
    expect(post.webhook.received).toContainEqual({
      to: '+48123456789',
      text: '123456 is your code for Shop. It ends soon.\n\nNobody of Shop will ask you for it.',
      messageId: message.messageId,
    })
    expect(await readAgain(messages, message)).toMatchObject({ state: 'sent', attempts: 3, text: undefined })
  })

  it('to a webhook that hangs is tried again later', async () => {
    const silent = await openSilentServer()
    try {
      const messages = post.open('', `http://127.0.0.1:${silent.port}/sms`)
      const message = await inTransaction(post.database.db.general, (tx) => messages.enqueue(tx, sms))
      await deliverAll(messages, 'sms')
      expect(await readAgain(messages, message)).toMatchObject({ state: 'queued', attempts: 1 })
    } finally {
      await silent.close()
    }
  })

  it('is not made of a message that goes out by mail only', async () => {
    const messages = post.open()
    const wrong = inTransaction(post.database.db.general, (tx) =>
      messages.enqueue(tx, { ...activation('+48123456789'), channel: 'sms' }),
    )
    await expect(wrong).rejects.toMatchObject({ code: 'CDP_INVARIANT_BROKEN' })
  })
})

describe('without a transport', () => {
  it('a message is kept readable in the outbox, and goes out once there is one and it is sent again', async () => {
    const without = post.open('', '')
    const message = await post.enqueue(without, activation(newAddress()))
    await deliverAll(without)
    expect(await readAgain(without, message)).toMatchObject({
      state: 'outbox',
      text: expect.stringContaining('x=1'),
    })
    expect(await without.retry(1, message.messageId)).toMatchObject({ state: 'outbox' })
    const messages = post.open()
    await deliverAll(messages)
    expect((await readAgain(messages, message)).state).toBe('outbox')
    await messages.retry(1, message.messageId)
    await deliverAll(messages)
    await post.mailServer.mailTo(message.recipient)
  })

  it('what was queued while there was one goes to the outbox', async () => {
    const message = await post.enqueue(post.open(), activation(newAddress()))
    const without = post.open('', '')
    await deliverAll(without)
    expect((await readAgain(without, message)).state).toBe('outbox')
  })
})

it('messages older than 30 days are forgotten', async () => {
  const messages = post.open('')
  const message = await post.enqueue(messages, activation(newAddress()))
  await atTime(message.createdAt + 30 * DAY_MS, () => forgetMessages(post.database.db))
  expect(await readAgain(messages, message)).toBeDefined()
  await atTime(message.createdAt + 30 * DAY_MS + 1, () => forgetMessages(post.database.db))
  await expect(readAgain(messages, message)).rejects.toMatchObject({ code: 'CDP_MESSAGE_NOT_FOUND' })
})
