import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openMessages } from '../../src/core/messages/index.ts'
import type { Messages, NewMessage } from '../../src/core/messages/index.ts'
import { useClock } from '../../src/lib/time.ts'
import type { Message } from '../../src/model/message.ts'
import { openMail } from '../../src/outbound/mail.ts'
import { openSmsWebhook } from '../../src/outbound/sms.ts'
import { inTransaction } from '../../src/storage/db.ts'
import { openTestDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
import { openMailServer } from './mail-server.ts'
import type { MailServer } from './mail-server.ts'

/** The sender of every mail. */
export const FROM = 'Shop <no-reply@example.com>'

/** The installation's key. */
export const SECRET_KEY = Buffer.alloc(32, 7)

/** A webhook for text messages that keeps what it took. */
export interface Webhook {
  url: string
  received: unknown[]
  /** Statuses that it gives to the next calls in place of 200. */
  statuses: number[]
  close(): void
}

/** A database, a mail server and a webhook, and messages over them. */
export interface Post {
  database: TestDatabase
  mailServer: MailServer
  webhook: Webhook
  /** Messages as a process has them; an empty address leaves a transport out. */
  open(smtp?: string, sms?: string): Messages
  enqueue(messages: Messages, message: NewMessage<'activation'>): Promise<Message>
  /** Closes what was opened; what one test leaves queued must not be another one's. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Opens them, with times so short that a test can wait for them. */
export async function openPost(): Promise<Post> {
  const database = await openTestDatabase()
  const mailServer = await openMailServer()
  const webhook = await openWebhook()
  const opened: Messages[] = []
  const timeouts = { connectMs: 1_000, greetingMs: 300, silenceMs: 300 }
  return {
    database,
    mailServer,
    webhook,
    open: (smtp = mailServer.url, sms = webhook.url) => {
      const messages = openMessages({
        db: database.db,
        secretKey: SECRET_KEY,
        mail: smtp === '' ? undefined : openMail({ smtp, from: FROM, timeouts }),
        sms: sms === '' ? undefined : openSmsWebhook({ webhook: sms, timeoutMs: 300 }),
        onError: () => undefined,
      })
      opened.push(messages)
      return messages
    },
    enqueue: (messages, message) => inTransaction(database.db.general, (tx) => messages.enqueue(tx, message)),
    settle: async () => {
      for (const messages of opened.splice(0)) messages.close()
      await database.admin.query("update message set state = 'outbox' where state = 'queued'")
    },
    close: async () => {
      webhook.close()
      await mailServer.close()
      await database.close()
    },
  }
}

/** Starts a webhook for text messages. */
export async function openWebhook(): Promise<Webhook> {
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
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`, received, statuses, close }
}

let count = 0

/** An address that no other mail goes to. */
export const newAddress = (): string => `person-${++count}@example.com`

/** A message with values that want escaping. */
export const activation = (recipient: string): NewMessage<'activation'> => ({
  workspaceId: 1,
  channel: 'mail',
  template: 'activation',
  recipient,
  values: { link: 'https://example.com/a?x=1&y=2', workspace: 'Tom & "Jerry" <Shop>', expires: 'tomorrow' },
})

/** Runs the loop's body while there is more to do. */
export async function deliverAll(messages: Messages, channel: 'mail' | 'sms' = 'mail'): Promise<void> {
  while (await messages.deliver(channel));
}

/** The message as it is now. */
export const readAgain = (messages: Messages, { messageId }: Message): Promise<Message> =>
  messages.get(1, messageId)

/** Runs work with the clock held. */
export async function atTime<T>(instant: number, work: () => Promise<T>): Promise<T> {
  const restore = useClock(() => instant)
  try {
    return await work()
  } finally {
    restore()
  }
}
