import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openApp } from '../../src/app.ts'
import type { App } from '../../src/app.ts'
import { openMessages } from '../../src/core/messages/index.ts'
import { now } from '../../src/lib/time.ts'
import { openMail } from '../../src/outbound/mail.ts'
import { inTransaction } from '../../src/storage/db.ts'
import { countOf } from '../setup/database.ts'
import { openSilentServer } from '../setup/mail-server.ts'
import {
  FROM,
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

describe('a mail that is refused', () => {
  it('is tried again after a minute, then two, and arrives once', async () => {
    const messages = post.open()
    const message = await post.enqueue(messages, activation(newAddress()))
    post.mailServer.refusals.push('4.7.1 greylisted', '4.7.1 greylisted')
    const start = now() + 1_000
    await atTime(start, () => deliverAll(messages))
    expect(await readAgain(messages, message)).toMatchObject({
      state: 'queued',
      attempts: 1,
      nextAttemptAt: start + MINUTE_MS,
      lastError: '451 4.7.1 greylisted',
    })
    await atTime(start + MINUTE_MS - 1, () => deliverAll(messages))
    expect((await readAgain(messages, message)).attempts).toBe(1)
    await atTime(start + MINUTE_MS, () => deliverAll(messages))
    expect(await readAgain(messages, message)).toMatchObject({
      attempts: 2,
      nextAttemptAt: start + 3 * MINUTE_MS,
    })
    await atTime(start + 3 * MINUTE_MS, () => deliverAll(messages))
    expect(await readAgain(messages, message)).toMatchObject({ state: 'sent', attempts: 3 })
    await post.mailServer.mailTo(message.recipient)
    expect(
      post.mailServer.received.filter(({ recipients }) => recipients[0] === message.recipient),
    ).toHaveLength(1)
  })

  it('is given up after ten attempts, keeps its body, and goes out when it is sent again', async () => {
    const messages = post.open('smtp://127.0.0.1:1')
    const message = await post.enqueue(messages, activation(newAddress()))
    let at = now() + 1_000
    for (let attempts = 1; attempts <= 10; attempts++) {
      await atTime(at, () => deliverAll(messages))
      const { nextAttemptAt, ...tried } = await readAgain(messages, message)
      expect(tried).toMatchObject({ attempts, state: attempts < 10 ? 'queued' : 'failed' })
      expect(nextAttemptAt - at).toBe(MINUTE_MS * 2 ** (attempts - 1))
      at = nextAttemptAt
    }
    await atTime(at, () => deliverAll(messages))
    const failed = await readAgain(messages, message)
    expect(failed).toMatchObject({ attempts: 10, text: message.text, lastError: expect.stringMatching(/./) })
    const mended = post.open()
    expect(await mended.retry(1, message.messageId)).toMatchObject({ state: 'queued', attempts: 0 })
    await deliverAll(mended)
    expect((await readAgain(mended, message)).state).toBe('sent')
    await expect(mended.retry(1, message.messageId)).rejects.toMatchObject({
      code: 'CDP_MESSAGE_NOT_RETRYABLE',
    })
  })
})

describe('a mail server that hangs', () => {
  it('holds up no text message and no transaction, and the mail is tried again later', async () => {
    const silent = await openSilentServer()
    try {
      const messages = post.open(`smtp://127.0.0.1:${silent.port}`)
      const mails = []
      for (let n = 0; n < 4; n++) mails.push(await post.enqueue(messages, activation(newAddress())))
      const mailing = messages.deliver('mail')
      const sms = await inTransaction(post.database.db.general, (tx) =>
        messages.enqueue(tx, {
          workspaceId: 1,
          channel: 'sms',
          template: 'phone-change',
          recipient: '+48123456789',
          values: { code: 'AB3CD', workspace: 'Shop', expires: 'soon' },
        }),
      )
      await deliverAll(messages, 'sms')
      expect((await readAgain(messages, sms)).state).toBe('sent')
      expect(
        await countOf(
          post.database,
          `select count(*) from pg_stat_activity
            where datname = current_database() and state like 'idle in transaction%'`,
        ),
      ).toBe(0)
      await mailing
      for (const mail of mails)
        expect(await readAgain(messages, mail)).toMatchObject({ state: 'queued', attempts: 1 })
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
        db: post.database.db,
        secretKey: SECRET_KEY,
        mail: openMail({ smtp, from: FROM }),
        sms: undefined,
        onError: () => undefined,
      })
      const message = await post.enqueue(messages, activation(newAddress()))
      const mailing = messages.deliver('mail')
      await expect.poll(() => silent.connections).toBe(1)
      const startedAt = performance.now()
      messages.close()
      await mailing
      expect(performance.now() - startedAt).toBeLessThan(2_000)
      expect(await readAgain(post.open(), message)).toMatchObject({
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
    const processes = Array.from({ length: 4 }, () => post.open())
    const sent = []
    for (let n = 0; n < 25; n++) sent.push(await post.enqueue(processes[0]!, activation(newAddress())))
    await Promise.all(processes.map((messages) => deliverAll(messages)))
    for (const { recipient } of sent)
      expect(post.mailServer.received.filter(({ recipients }) => recipients[0] === recipient)).toHaveLength(1)
  })

  it('whose process died is sent by another one, three minutes later', async () => {
    const messages = post.open()
    const message = await post.enqueue(messages, activation(newAddress()))
    // What a process leaves behind that was killed in the middle of sending.
    await post.database.admin.query(
      'update message set attempts = 1, claimed_at = $2, next_attempt_at = $3 where message_id = $1',
      [message.messageId, new Date(now()), new Date(now() + 180_000)],
    )
    await deliverAll(messages)
    expect((await readAgain(messages, message)).state).toBe('queued')
    await expect(messages.retry(1, message.messageId)).rejects.toMatchObject({
      code: 'CDP_MESSAGE_NOT_RETRYABLE',
    })
    await atTime(now() + 181_000, () => deliverAll(messages))
    expect(await readAgain(messages, message)).toMatchObject({ state: 'sent', attempts: 2 })
  })
})

describe('the application', () => {
  const start = (smtp: string): Promise<App> =>
    openApp({
      db: post.database.db,
      logger: pino({ level: 'silent' }),
      processes: 1,
      publicUrl: 'http://127.0.0.1:4100',
      backgroundWork: true,
      allowPrivateUrls: false,
      secretKey: SECRET_KEY,
      exportFolder: '/nowhere',
      mail: { smtp, from: FROM },
      limits: { importBytesMax: 1_024, uploadBytesMax: 1_024, uploadTimeoutMs: 1_000 },
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
    const message = await post.enqueue(post.open(), activation(newAddress()))
    await expect.poll(() => silent.connections).toBe(1)
    const answer = await first.http.inject('/livez')
    expect(answer.statusCode).toBe(200)
    await first.close()
    await silent.close()
    const second = await start(post.mailServer.url)
    try {
      await post.mailServer.mailTo(message.recipient)
      await expect.poll(async () => (await readAgain(post.open(), message)).state).toBe('sent')
    } finally {
      await second.close()
    }
  })
})
