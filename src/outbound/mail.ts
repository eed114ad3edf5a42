import { createTransport } from 'nodemailer'

/** Where mail is handed over; the `mail` section of the configuration file. */
export interface MailSettings {
  /** `smtp://` (STARTTLS where offered) or `smtps://`, with user and password if the server wants them. */
  smtp: string
  /** The sender: an address, or a name and an address in angle brackets. */
  from: string
  /** Milliseconds; a test makes them short. */
  timeouts?: MailTimeouts
}

/** How long the mail server may take for each part, milliseconds. */
export interface MailTimeouts {
  connectMs: number
  greetingMs: number
  /** Silence in the middle of the conversation. */
  silenceMs: number
}

/** One mail to one person. */
export interface OutgoingMail {
  /** Part of the `Message-ID`: equal for every attempt, so that a receiver can tell a double. */
  messageId: string
  to: string
  subject: string
  text: string
  html: string | undefined
}

/** Hands mail to the mail server. */
export interface MailTransport {
  /** Resolves once the server took it. @throws whatever the server or the network says */
  send(mail: OutgoingMail, signal?: AbortSignal): Promise<void>
  /** Closes the connections; what is under way fails. */
  close(): void
}

// A mail server answers within seconds or is in trouble; the message is tried again later anyway.
const TIMEOUTS: MailTimeouts = { connectMs: 10_000, greetingMs: 10_000, silenceMs: 20_000 }

/** Few, because many servers count the connections of a client. */
const CONNECTIONS_MAX = 2

/** Opens the transport; connects on first use. */
export function openMail({ smtp, from, timeouts = TIMEOUTS }: MailSettings): MailTransport {
  const transport = createTransport({
    url: smtp,
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    // The queue is in the database; in here a message is tried once.
    maxRequeues: 0,
    connectionTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = /@([^@<>\s]+)>?$/.exec(from)?.[1] ?? 'localhost'
  return {
    send: async ({ messageId, to, subject, text, html }, signal) => {
      await transport.sendMail({
        from,
        // As an object it is taken as one address, not read as a list.
        to: { name: '', address: to },
        messageId: `<${messageId}@${domain}>`,
        subject,
        text,
        ...(html !== undefined && { html }),
        ...(signal && { signal }),
        // Keeps answers of absent people away (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    },
    close: () => transport.close(),
  }
}
