import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import PostalMime from 'postal-mime'
import type { Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { eventually } from './eventually.ts'

/** A mail that a server took: as it came, its envelope, and as a mail program reads it. */
export interface ReceivedMail {
  raw: string
  sender: string
  recipients: string[]
  mail: Email
}

/** A mail server that keeps what it gets. */
export interface MailServer {
  /** For the configuration: `smtp://127.0.0.1:PORT`. */
  url: string
  port: number
  received: ReceivedMail[]
  /** Answers that it gives to the next mails in place of taking them. */
  refusals: string[]
  /** The first mail to this address, once it has come. */
  mailTo(address: string): Promise<ReceivedMail>
  close(): Promise<void>
}

type OnData = (...of: Parameters<NonNullable<SMTPServerOptions['onData']>>) => Promise<void>

/** Starts a mail server; `port` 0 takes any. */
export async function openMailServer(port = 0): Promise<MailServer> {
  const received: ReceivedMail[] = []
  const refusals: string[] = []
  const take: OnData = async (stream, { envelope }, callback) => {
    const refusal = refusals.shift()
    const raw = await text(stream)
    if (refusal !== undefined) {
      callback(Object.assign(new Error(refusal), { responseCode: 451 }))
      return
    }
    const recipients = envelope.rcptTo.map(({ address }) => address)
    const sender = envelope.mailFrom === false ? '' : envelope.mailFrom.address
    received.push({ raw, sender, recipients, mail: await PostalMime.parse(raw) })
    callback()
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, callback) => void take(stream, session, callback),
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const actual = (server.server.address() as AddressInfo).port
  return {
    url: `smtp://127.0.0.1:${actual}`,
    port: actual,
    received,
    refusals,
    mailTo: (address) =>
      eventually(() => {
        const found = received.find(({ recipients }) => recipients.includes(address))
        if (!found) throw new Error(`no mail to ${address} has come`)
        return found
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A server that accepts connections and never says a word. */
export interface SilentServer {
  port: number
  /** Connections that are open. */
  readonly connections: number
  close(): Promise<void>
}

/** Starts a server that hangs. */
export async function openSilentServer(): Promise<SilentServer> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return sockets.size
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
