import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openApp } from '../../src/app.ts'
import type { App } from '../../src/app.ts'
import { openCodes } from '../../src/core/codes/index.ts'
import { forgetMessages, openMessages } from '../../src/core/messages/index.ts'
import type { Messages, NewMessage } from '../../src/core/messages/index.ts'
import { DAY_MS, now, useClock } from '../../src/lib/time.ts'
import { NO_WORKSPACE } from '../../src/model/message.ts'
import type { Message } from '../../src/model/message.ts'
import { openMail } from '../../src/outbound/mail.ts'
import { openSmsWebhook } from '../../src/outbound/sms.ts'
import { inTransaction } from '../../src/storage/db.ts'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { openMailServer, openSilentServer } from '../setup/mail-server.ts'
import type { MailServer } from '../setup/mail-server.ts'

let database: TestDatabase
let mailServer: MailServer
let webhook: { server: Server; url: string; received: unknown[]; statuses: number[] }
let count = 0
const opened: Messages[] = []

const FROM = 'Shop <no-reply@example.com>'
const SECRET_KEY = Buffer.alloc(32, 7)
const MINUTE_MS = 60_000

beforeAll(async () => {
  database = await openTestDatabase()
  mailServer = await openMailServer()
  webhook = await openWebhook()
})

afterEach(async () => {
  for (const messages of opened.splice(0)) messages.close()
  // What one test leaves queued must not be another one's.
  await database.admin.query("update message set state = 'outbox' where state = 'queued'")
})

afterAll(async () => {
  webhook.server.closeAllConnections()
  webhook.server.close()
  await mailServer.close()
  await database.close()
})

async function openWebhook(): Promise<typeof webhook> {
  const received: unknown[] = []
  const statuses: number[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const status = statuses.shift() ?? 200
      if (status === 200) received.push(JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    received,
    statuses,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`,
  }
}

const newAddress = (): string => `person-${++count}@example.com`

function open(smtp: string | undefined = mailServer.url, sms: string | undefined = webhook.url): Messages {
  const timeouts = { connectMs: 1_000, greetingMs: 300, silenceMs: 300 }
  const messages = openMessages({
    db: database.db,
    secretKey: SECRET_KEY,
    mail: smtp === '' ? undefined : openMail({ smtp, from: FROM, timeouts }),
    sms: sms === '' ? undefined : openSmsWebhook({ webhook: sms, timeoutMs: 300 }),
    onError: () => undefined,
  })
  opened.push(messages)
  return messages
}

const activation = (recipient: string): NewMessage<'activation'> => ({
  workspaceId: 1,
  channel: 'mail',
  template: 'activation',
  recipient,
  values: { link: 'https://example.com/a?x=1&y=2', workspace: 'Tom & "Jerry" <Shop>', expires: 'tomorrow' },
})

const enqueue = (messages: Messages, message: NewMessage<'activation'>): Promise<Message> =>
  inTransaction(database.db.general, (tx) => messages.enqueue(tx, message))

/** Runs the loop's body while there is more to do. */
async function deliverAll(messages: Messages, channel: 'mail' | 'sms' = 'mail'): Promise<void> {
  while (await messages.deliver(channel));
}

const read = (messages: Messages, { messageId }: Message): Promise<Message> => messages.get(1, messageId)

async function atTime<T>(instant: number, work: () => Promise<T>): Promise<T> {
  const restore = useClock(() => instant)
  try {
    return await work()
  } finally {
    restore()
  }
}

describe('a mail', () => {
  it('arrives as text and HTML with its values, escaped, and its body is forgotten', async () => {
    const messages = open()
    const message = await enqueue(messages, activation(newAddress()))
    await deliverAll(messages)
    const { mail, recipients, sender } = await mailServer.mailTo(message.recipient)
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
    expect(await read(messages, message)).toMatchObject({
      state: 'sent',
      attempts: 1,
      subject: mail.subject,
      recipient: message.recipient,
      text: undefined,
      html: undefined,
      lastError: undefined,
      sentAt: expect.any(Number),
    })
    const rows = await rowsOf<{ text: string }>(database, 'select m::text as text from message as m')
    expect(rows.filter(({ text }) => text.includes(message.recipient) && text.includes('x=1'))).toEqual([])
  })

  it('carries a PIN that opens what it was made for', async () => {
    const messages = open()
    const codes = openCodes({ db: database.db, secretKey: SECRET_KEY })
    const recipient = newAddress()
    const place = { workspaceId: 1, purpose: 'login', subject: recipient }
    await inTransaction(database.db.general, async (tx) => {
      const { secret } = await codes.issue(tx, { ...place, payload: 1, lifeSeconds: 600, form: 'pin' })
      const values = { code: secret, workspace: 'Shop', expires: 'in 10 minutes' }
      await messages.enqueue(tx, { workspaceId: 1, channel: 'mail', template: 'pin', recipient, values })
    })
    await deliverAll(messages)
    const { mail } = await mailServer.mailTo(recipient)
    const secret = /^(\d{6}) is your code for Shop\./.exec(mail.text ?? '')?.[1] ?? ''
    const used = await inTransaction(database.db.general, (tx) =>
      codes.consumeTyped(tx, { ...place, secret }),
    )
    expect(used.subject).toBe(recipient)
  })

  it('is not sent when its transaction is rolled back', async () => {
    const messages = open()
    const recipient = newAddress()
    const refused = inTransaction(database.db.general, async (tx) => {
      await messages.enqueue(tx, activation(recipient))
      throw new Error('refused')
    })
    await expect(refused).rejects.toThrow('refused')
    expect(await countOf(database, 'select count(*) from message where recipient = $1', [recipient])).toBe(0)
  })

  it('has no header or recipient that a value brought in', async () => {
    const messages = open()
    const good = activation(newAddress())
    const workspace = 'x\r\nBcc: eve@evil.example\r\nX-Evil: 1\r\n\r\nbody'
    const message = await enqueue(messages, { ...good, values: { ...good.values, workspace } })
    await deliverAll(messages)
    const { mail, recipients } = await mailServer.mailTo(message.recipient)
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
      await expect(enqueue(messages, activation(recipient))).rejects.toMatchObject({
        code: 'CDP_RECIPIENT_INVALID',
      })
  })

  it("is said in its workspace's words, which are no other workspace's", async () => {
    const messages = open()
    await messages.templates.save(1, 'activation', { subject: 'Hi from {{workspace}}', text: 'Go: {{link}}' })
    const own = await enqueue(messages, activation(newAddress()))
    const other = await enqueue(messages, { ...activation(newAddress()), workspaceId: 2 })
    const nobodys = await enqueue(messages, { ...activation(newAddress()), workspaceId: NO_WORKSPACE })
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

describe('a mail that is refused', () => {
  it('is tried again after a minute, then two, and arrives once', async () => {
    const messages = open()
    const message = await enqueue(messages, activation(newAddress()))
    mailServer.refusals.push('4.7.1 greylisted', '4.7.1 greylisted')
    const start = now() + 1_000
    await atTime(start, () => deliverAll(messages))
    expect(await read(messages, message)).toMatchObject({
      state: 'queued',
      attempts: 1,
      nextAttemptAt: start + MINUTE_MS,
      lastError: '451 4.7.1 greylisted',
    })
    await atTime(start + MINUTE_MS - 1, () => deliverAll(messages))
    expect((await read(messages, message)).attempts).toBe(1)
    await atTime(start + MINUTE_MS, () => deliverAll(messages))
    expect(await read(messages, message)).toMatchObject({
      attempts: 2,
      nextAttemptAt: start + 3 * MINUTE_MS,
    })
    await atTime(start + 3 * MINUTE_MS, () => deliverAll(messages))
    expect(await read(messages, message)).toMatchObject({ state: 'sent', attempts: 3 })
    await mailServer.mailTo(message.recipient)
    expect(mailServer.received.filter(({ recipients }) => recipients[0] === message.recipient)).toHaveLength(
      1,
    )
  })

  it('is given up after ten attempts, keeps its body, and goes out when it is sent again', async () => {
    const messages = open('smtp://127.0.0.1:1')
    const message = await enqueue(messages, activation(newAddress()))
    let at = now() + 1_000
    for (let attempts = 1; attempts <= 10; attempts++) {
      await atTime(at, () => deliverAll(messages))
      const { nextAttemptAt, ...tried } = await read(messages, message)
      expect(tried).toMatchObject({ attempts, state: attempts < 10 ? 'queued' : 'failed' })
      expect(nextAttemptAt - at).toBe(MINUTE_MS * 2 ** (attempts - 1))
      at = nextAttemptAt
    }
    await atTime(at, () => deliverAll(messages))
    const failed = await read(messages, message)
    expect(failed).toMatchObject({ attempts: 10, text: message.text, lastError: expect.stringMatching(/./) })
    const mended = open()
    expect(await mended.retry(1, message.messageId)).toMatchObject({ state: 'queued', attempts: 0 })
    await deliverAll(mended)
    expect((await read(mended, message)).state).toBe('sent')
    await expect(mended.retry(1, message.messageId)).rejects.toMatchObject({
      code: 'CDP_MESSAGE_NOT_RETRYABLE',
    })
  })
})

describe('a mail server that hangs', () => {
  it('holds up no text message and no transaction, and the mail is tried again later', async () => {
    const silent = await openSilentServer()
    try {
      const messages = open(`smtp://127.0.0.1:${silent.port}`)
      const mails = []
      for (let n = 0; n < 4; n++) mails.push(await enqueue(messages, activation(newAddress())))
      const mailing = messages.deliver('mail')
      const sms = await inTransaction(database.db.general, (tx) =>
        messages.enqueue(tx, {
          workspaceId: 1,
          channel: 'sms',
          template: 'phone-change',
          recipient: '+48123456789',
          values: { code: 'AB3CD', workspace: 'Shop', expires: 'soon' },
        }),
      )
      await deliverAll(messages, 'sms')
      expect((await read(messages, sms)).state).toBe('sent')
      expect(
        await countOf(
          database,
          `select count(*) from pg_stat_activity
            where datname = current_database() and state like 'idle in transaction%'`,
        ),
      ).toBe(0)
      await mailing
      for (const mail of mails)
        expect(await read(messages, mail)).toMatchObject({ state: 'queued', attempts: 1 })
      await expect.poll(() => silent.connections).toBe(0)
    } finally {
      await silent.close()
    }
  })

  it('does not hold up a stop: what was being sent is given back and due at once', async () => {
    const silent = await openSilentServer()
    try {
      const smtp = `smtp://127.0.0.1:${silent.port}`
      const messages = openMessages({
        db: database.db,
        secretKey: SECRET_KEY,
        mail: openMail({ smtp, from: FROM }),
        sms: undefined,
        onError: () => undefined,
      })
      const message = await enqueue(messages, activation(newAddress()))
      const mailing = messages.deliver('mail')
      await expect.poll(() => silent.connections).toBe(1)
      const startedAt = performance.now()
      messages.close()
      await mailing
      expect(performance.now() - startedAt).toBeLessThan(2_000)
      expect(await read(open(), message)).toMatchObject({
        state: 'queued',
        attempts: 0,
        lastError: undefined,
      })
    } finally {
      await silent.close()
    }
  })
})

describe('a claimed message', () => {
  it('is sent once by many processes that look at the same time', async () => {
    const processes = Array.from({ length: 4 }, () => open())
    const sent = []
    for (let n = 0; n < 25; n++) sent.push(await enqueue(processes[0]!, activation(newAddress())))
    await Promise.all(processes.map((messages) => deliverAll(messages)))
    for (const { recipient } of sent)
      expect(mailServer.received.filter(({ recipients }) => recipients[0] === recipient)).toHaveLength(1)
  })

  it('whose process died is sent by another one, three minutes later', async () => {
    const messages = open()
    const message = await enqueue(messages, activation(newAddress()))
    // What a process leaves behind that was killed in the middle of sending.
    await database.admin.query(
      'update message set attempts = 1, claimed_at = $2, next_attempt_at = $3 where message_id = $1',
      [message.messageId, new Date(now()), new Date(now() + 180_000)],
    )
    await deliverAll(messages)
    expect((await read(messages, message)).state).toBe('queued')
    await expect(messages.retry(1, message.messageId)).rejects.toMatchObject({
      code: 'CDP_MESSAGE_NOT_RETRYABLE',
    })
    await atTime(now() + 181_000, () => deliverAll(messages))
    expect(await read(messages, message)).toMatchObject({ state: 'sent', attempts: 2 })
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
    const messages = open()
    const message = await inTransaction(database.db.general, (tx) => messages.enqueue(tx, sms))
    expect([message.subject, message.html]).toEqual([undefined, undefined])
    webhook.statuses.push(500, 302)
    for (const minutes of [0, 1, 3])
      await atTime(now() + 1_000 + minutes * MINUTE_MS, () => deliverAll(messages, 'sms'))
    expect(webhook.received).toContainEqual({
      to: '+48123456789',
      text: '123456 is your code for Shop. It ends soon.\n\nNobody of Shop will ask you for it.',
      messageId: message.messageId,
    })
    expect(await read(messages, message)).toMatchObject({ state: 'sent', attempts: 3, text: undefined })
  })

  it('to a webhook that hangs is tried again later', async () => {
    const silent = await openSilentServer()
    try {
      const messages = open('', `http://127.0.0.1:${silent.port}/sms`)
      const message = await inTransaction(database.db.general, (tx) => messages.enqueue(tx, sms))
      await deliverAll(messages, 'sms')
      expect(await read(messages, message)).toMatchObject({ state: 'queued', attempts: 1 })
    } finally {
      await silent.close()
    }
  })

  it('is not made of a message that goes out by mail only', async () => {
    const messages = open()
    const wrong = inTransaction(database.db.general, (tx) =>
      messages.enqueue(tx, { ...activation('+48123456789'), channel: 'sms' }),
    )
    await expect(wrong).rejects.toMatchObject({ code: 'CDP_INVARIANT_BROKEN' })
  })
})

describe('without a transport', () => {
  it('a message is kept readable in the outbox, and goes out once there is one and it is sent again', async () => {
    const without = open('', '')
    const message = await enqueue(without, activation(newAddress()))
    await deliverAll(without)
    expect(await read(without, message)).toMatchObject({
      state: 'outbox',
      text: expect.stringContaining('x=1'),
    })
    expect(await without.retry(1, message.messageId)).toMatchObject({ state: 'outbox' })
    const messages = open()
    await deliverAll(messages)
    expect((await read(messages, message)).state).toBe('outbox')
    await messages.retry(1, message.messageId)
    await deliverAll(messages)
    await mailServer.mailTo(message.recipient)
  })

  it('what was queued while there was one goes to the outbox', async () => {
    const message = await enqueue(open(), activation(newAddress()))
    const without = open('', '')
    await deliverAll(without)
    expect((await read(without, message)).state).toBe('outbox')
  })
})

it('messages older than 30 days are forgotten', async () => {
  const messages = open('')
  const message = await enqueue(messages, activation(newAddress()))
  await atTime(message.createdAt + 30 * DAY_MS, () => forgetMessages(database.db))
  expect(await read(messages, message)).toBeDefined()
  await atTime(message.createdAt + 30 * DAY_MS + 1, () => forgetMessages(database.db))
  await expect(read(messages, message)).rejects.toMatchObject({ code: 'CDP_MESSAGE_NOT_FOUND' })
})

describe('the application', () => {
  const start = (smtp: string): Promise<App> =>
    openApp({
      db: database.db,
      logger: pino({ level: 'silent' }),
      processes: 1,
      secretKey: SECRET_KEY,
      mail: { smtp, from: FROM },
      http: {
        bodyBytesMax: 1_024,
        jsonDepthMax: 8,
        requestTimeoutMs: 1_000,
        headersTimeoutMs: 1_000,
        keepAliveTimeoutMs: 1_000,
        trustProxy: false,
        tls: undefined,
      },
    })

  it('delivers what is committed, and after a restart what the one before could not', async () => {
    const silent = await openSilentServer()
    const first = await start(`smtp://127.0.0.1:${silent.port}`)
    const message = await enqueue(open(), activation(newAddress()))
    await expect.poll(() => silent.connections).toBe(1)
    const answer = await first.http.inject('/livez')
    expect(answer.statusCode).toBe(200)
    await first.close()
    await silent.close()
    const second = await start(mailServer.url)
    try {
      await mailServer.mailTo(message.recipient)
      await expect.poll(async () => (await read(open(), message)).state).toBe('sent')
    } finally {
      await second.close()
    }
  })
})
