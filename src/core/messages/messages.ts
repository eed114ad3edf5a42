import { isUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Message, MessageChannel, MessageState } from '../../model/message.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { findMessage, findMessages, requeueMessage } from '../../storage/messages.ts'
import { runOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'
import { unsealMessage } from './body.ts'
import type { MessageName } from './definitions.ts'
import { deliverDue } from './delivery.ts'
import type { DeliveryOptions, Transports } from './delivery.ts'
import { enqueueMessage } from './enqueue.ts'
import type { NewMessage } from './enqueue.ts'
import { openTemplates } from './templates.ts'
import type { MessageTemplates } from './templates.ts'

/** What to list of a workspace's messages, newest first; what is undefined filters nothing. */
export interface MessageList {
  workspaceId: number
  state: MessageState | undefined
  template: string | undefined
  recipient: string | undefined
  cursor: string | undefined
  limit: number
}

/** A test message of a workspace. */
export interface TestMessage {
  workspace: { id: number; name: string }
  channel: MessageChannel
  recipient: string
  once?: OnceRequest | undefined
}

/** Messages to people. */
export interface Messages {
  /**
   * Sends a message if and only if the transaction is committed.
   * @throws CDP_RECIPIENT_INVALID
   */
  enqueue<Name extends MessageName>(tx: Transaction, message: NewMessage<Name>): Promise<Message>
  /** One run of a delivery loop; each channel has its own, so that neither waits for the other. See {@link deliverDue}. */
  deliver(channel: MessageChannel): Promise<boolean>
  /** @throws CDP_QUERY_INVALID the cursor is none of this list's */
  list(list: MessageList): Promise<Page<Message>>
  /** @throws CDP_MESSAGE_NOT_FOUND */
  get(workspaceId: number, messageId: string): Promise<Message>
  /**
   * Makes a message that is not out due now, with all its attempts again; without a transport it stays in the outbox.
   * @throws CDP_MESSAGE_NOT_FOUND CDP_MESSAGE_NOT_RETRYABLE
   */
  retry(workspaceId: number, messageId: string): Promise<Message>
  /** @throws CDP_RECIPIENT_INVALID */
  sendTest(message: TestMessage): Promise<Message>
  readonly templates: MessageTemplates
  /** Breaks off what is being sent; it is due again at once. The loops can be stopped then. */
  close(): void
}

/** What messages need. */
export interface MessagesOptions extends Transports {
  db: Database
  /** 32 bytes: seals what messages say, and what is kept under an Idempotency-Key. */
  secretKey: Buffer
  onError: DeliveryOptions['onError']
}

/** Opens messages over their transports; without one for a channel, its messages are kept in the outbox. */
export function openMessages(options: MessagesOptions): Messages {
  const { db, secretKey } = options
  const closing = new AbortController()
  const stateOf = (channel: MessageChannel): MessageState => (options[channel] ? 'queued' : 'outbox')
  const enqueue: Messages['enqueue'] = (tx, message) =>
    enqueueMessage(tx, message, { hasTransport: options[message.channel] !== undefined, secretKey })
  return {
    enqueue,
    deliver: (channel) => deliverDue(channel, { ...options, closing: closing.signal }),
    list: (list) => listMessages(options, list),
    get: (workspaceId, messageId) => getMessage(options, workspaceId, messageId),
    retry: async (workspaceId, messageId) => {
      const { channel } = await getMessage(options, workspaceId, messageId)
      const due = { state: stateOf(channel), at: now() }
      const retried = await guarded(() => requeueMessage(db.general, workspaceId, messageId, due))
      if (!retried) throw new CdpError('CDP_MESSAGE_NOT_RETRYABLE')
      return unsealMessage(retried, secretKey)
    },
    sendTest: ({ workspace: { id: workspaceId, name: workspace }, channel, recipient, once }) => {
      const message = { workspaceId, channel, template: 'test', recipient, values: { workspace } } as const
      return runOnce(db, secretKey, once, (tx) => enqueue(tx, message))
    },
    templates: openTemplates(db),
    close: () => {
      closing.abort()
      options.mail?.close()
    },
  }
}

async function listMessages({ db, secretKey }: MessagesOptions, list: MessageList): Promise<Page<Message>> {
  const after = readPlace(list.cursor)
  const rows = await guarded(() => findMessages(db.general, { ...list, after, limit: list.limit + 1 }))
  return pageOf(
    rows,
    list.limit,
    ({ createdAt, messageId }) => ({ at: createdAt, id: messageId }),
    (row) => unsealMessage(row, secretKey),
  )
}

async function getMessage(
  { db, secretKey }: MessagesOptions,
  workspaceId: number,
  messageId: string,
): Promise<Message> {
  const found = isUuid(messageId)
    ? await guarded(() => findMessage(db.general, workspaceId, messageId))
    : undefined
  if (!found) throw new CdpError('CDP_MESSAGE_NOT_FOUND')
  return unsealMessage(found, secretKey)
}
