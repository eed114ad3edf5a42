import type { Instant } from '../lib/time.ts'

/** How a message reaches a person. */
export const MESSAGE_CHANNELS = ['mail', 'sms'] as const

/** One of {@link MESSAGE_CHANNELS}. */
export type MessageChannel = (typeof MESSAGE_CHANNELS)[number]

/**
 * Where a message is on its way. `queued` waits or is being sent, `failed` was given up after its last attempt, `outbox`
 * is kept and shown because there is no transport.
 */
export const MESSAGE_STATES = ['queued', 'sent', 'failed', 'outbox'] as const

/** One of {@link MESSAGE_STATES}. */
export type MessageState = (typeof MESSAGE_STATES)[number]

/** What a message says. A text message has neither subject nor HTML. */
export interface MessageContent {
  subject: string | undefined
  text: string
  html: string | undefined
}

/** A message to one person, as it is stored. */
export interface Message {
  workspaceId: number
  messageId: string
  channel: MessageChannel
  /** Name of the template it was made of. */
  template: string
  recipient: string
  subject: string | undefined
  /** Undefined once it was sent, where it held a secret. */
  text: string | undefined
  html: string | undefined
  /** Whether its body holds a link or a code that opens something. */
  isSecret: boolean
  state: MessageState
  /** Sends that were begun. */
  attempts: number
  nextAttemptAt: Instant
  lastError: string | undefined
  createdAt: Instant
  sentAt: Instant | undefined
}

/** Stands for "no workspace": messages and codes of people who run the installation. No workspace has this number. */
export const NO_WORKSPACE = 0
