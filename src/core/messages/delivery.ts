import { MINUTE_MS, now } from '../../lib/time.ts'
import { toStorableText } from '../../lib/text.ts'
import { CdpError } from '../../model/errors.ts'
import type { MessageChannel } from '../../model/message.ts'
import type { MailTransport } from '../../outbound/mail.ts'
import type { SmsProvider } from '../../outbound/sms.ts'
import type { Database } from '../../storage/db.ts'
import { claimMessages, keepQueued, releaseMessage, saveFailed, saveSent } from '../../storage/messages.ts'
import type { MessageRow } from '../../storage/messages.ts'
import { unsealMessage } from './body.ts'

/** How messages of each channel go out; undefined where the operator named nothing. */
export interface Transports {
  mail: MailTransport | undefined
  sms: SmsProvider | undefined
}

/** What a delivery needs. */
export interface DeliveryOptions extends Transports {
  db: Database
  /** 32 bytes: opens what messages say. */
  secretKey: Buffer
  /** Told of each attempt that failed. */
  onError: (error: unknown, message: MessageRow) => void
  /** Ends when the process stops: what is being sent is given back. */
  closing: AbortSignal
}

/** Messages sent at the same time: few, so that a slow server holds few of them. */
const BATCH_MAX = 10

/** How long one message may take, with its wait for a connection. Whoever drips his answers is cut off here. */
const SEND_TIMEOUT_MS = 60_000

/** Longer than a send can take: then its process is dead, and the message is sent again. */
const CLAIM_MS = 180_000

const ATTEMPTS_MAX = 10

const ERROR_LENGTH_MAX = 500

/**
 * One run: claims due messages of a channel in a transaction of its own, sends them, and notes what became of each. A
 * message goes out at least once; twice when a process dies, or loses its database, between sending and noting it.
 * @returns whether more may be due
 */
export async function deliverDue(channel: MessageChannel, options: DeliveryOptions): Promise<boolean> {
  const { db } = options
  if (!options[channel]) {
    await keepQueued(db.background, channel)
    return false
  }
  const at = now()
  const claim = { channel, at, until: at + CLAIM_MS, limit: BATCH_MAX }
  const claimed = await claimMessages(db.background, claim)
  const settled = await Promise.allSettled(claimed.map((message) => attempt(message, options)))
  const broken = settled.find((result) => result.status === 'rejected')
  if (broken) throw broken.reason
  return claimed.length === BATCH_MAX
}

/** @throws only what the database says */
async function attempt(message: MessageRow, options: DeliveryOptions): Promise<void> {
  const { db, closing, onError } = options
  try {
    await send(message, options, AbortSignal.any([closing, AbortSignal.timeout(SEND_TIMEOUT_MS)]))
  } catch (error) {
    if (closing.aborted) return releaseMessage(db.background, message, now())
    onError(error, message)
    return saveFailed(db.background, message, afterFailure(message, error))
  }
  await saveSent(db.background, message, now())
}

async function send(
  message: MessageRow,
  { mail, sms, secretKey }: DeliveryOptions,
  signal: AbortSignal,
): Promise<void> {
  const { messageId, recipient: to, subject = '', text, html } = unsealMessage(message, secretKey)
  if (text === undefined) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'a message without a body' })
  if (message.channel === 'mail') await mail?.send({ messageId, to, subject, text, html }, signal)
  else await sms?.send({ messageId, to, text }, signal)
}

function afterFailure({ attempts }: MessageRow, error: unknown): Parameters<typeof saveFailed>[2] {
  return {
    state: attempts < ATTEMPTS_MAX ? 'queued' : 'failed',
    nextAttemptAt: now() + pauseAfterMs(attempts),
    lastError: describeFailure(error),
  }
}

/** The pause after an attempt that failed: 1, 2, 4 … minutes; all ten attempts take eight and a half hours. */
function pauseAfterMs(attempts: number): number {
  return MINUTE_MS * 2 ** Math.min(attempts - 1, ATTEMPTS_MAX)
}

/** What the other side said, else what the network said: for people who look into the outbox. */
function describeFailure(error: unknown): string {
  const inner = error instanceof CdpError ? (error.cause ?? error) : error
  const response: unknown = inner instanceof Error ? Reflect.get(inner, 'response') : undefined
  const text =
    typeof response === 'string' ? response : inner instanceof Error ? inner.message : String(inner)
  return toStorableText(text.replaceAll(/\s+/g, ' ').slice(0, ERROR_LENGTH_MAX))
}
