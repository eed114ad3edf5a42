import { fetchGuarded } from './fetch.ts'

/** One text message to one phone. */
export interface OutgoingSms {
  /** Equal for every attempt, so that a receiver can tell a double. */
  messageId: string
  /** E.164 with `+`. */
  to: string
  text: string
}

/** Hands text messages to a provider. */
export interface SmsProvider {
  /** Resolves once the provider took it. @throws whatever it or the network says */
  send(sms: OutgoingSms, signal?: AbortSignal): Promise<void>
}

/** Where text messages are posted; the `sms` section of the configuration file. */
export interface SmsSettings {
  webhook: string
  /** Milliseconds for the whole call; a test makes it short. */
  timeoutMs?: number
}

/** A webhook only takes the message over; whoever needs longer is in trouble. */
const TIMEOUT_MS = 10_000

/** Nothing of the answer is used. */
const ANSWER_BYTES_MAX = 64 * 1024

/**
 * The provider that posts `{to, text, messageId}` as JSON; any status from 200 to 299 says that it was taken. The URL is
 * the operator's own, so it may lead into his network.
 */
export function openSmsWebhook({ webhook, timeoutMs = TIMEOUT_MS }: SmsSettings): SmsProvider {
  return {
    send: async ({ messageId, to, text }, signal) => {
      const { status } = await fetchGuarded(webhook, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ to, text, messageId }),
        timeoutMs,
        maxBytes: ANSWER_BYTES_MAX,
        allowPrivate: true,
        ...(signal && { signal }),
      })
      if (status < 200 || status > 299) throw new Error(`the webhook answered ${status}`)
    },
  }
}
