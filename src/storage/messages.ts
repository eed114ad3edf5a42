import { LARGEST_UUID } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { Message, MessageChannel, MessageState } from '../model/message.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** A message as it lies in the table: what it says is sealed. */
export interface MessageRow extends Omit<Message, 'text' | 'html'> {
  sealedBody: Buffer | undefined
}

interface StoredMessage {
  workspace_id: number
  message_id: string
  channel: MessageChannel
  template: string
  recipient: string
  subject: string | null
  sealed_body: Buffer | null
  is_secret: boolean
  state: MessageState
  attempts: number
  next_attempt_at: Date
  last_error: string | null
  created_at: Date
  sent_at: Date | null
}

const COLUMNS = `workspace_id, message_id, channel, template, recipient, subject, sealed_body, is_secret, state, attempts,
          next_attempt_at, last_error, created_at, sent_at`

const insertOne = prepared(
  'message-insert',
  `insert into message (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
)

/** Stores a new message in the transaction of what it tells about. */
export async function insertMessage(tx: Transaction, message: MessageRow): Promise<void> {
  await insertOne(tx, [
    message.workspaceId,
    message.messageId,
    message.channel,
    message.template,
    message.recipient,
    message.subject ?? null,
    message.sealedBody ?? null,
    message.isSecret,
    message.state,
    message.attempts,
    toRfc3339(message.nextAttemptAt),
    message.lastError ?? null,
    toRfc3339(message.createdAt),
    message.sentAt === undefined ? null : toRfc3339(message.sentAt),
  ])
}

// Index message_due; the rows by their primary key.
const claim = prepared<StoredMessage>(
  'message-claim',
  `update message set attempts = attempts + 1, next_attempt_at = $3, claimed_at = $2
    where (workspace_id, message_id) in (
      select workspace_id, message_id from message
       where channel = $1 and state = 'queued' and next_attempt_at <= $2::timestamptz
       order by next_attempt_at limit $4 for update skip locked)
   returning ${COLUMNS}`,
)

/** How due messages are claimed. */
export interface Claim {
  channel: MessageChannel
  at: Instant
  /** Whoever claimed and died is taken for dead from then on: the messages are due again. */
  until: Instant
  limit: number
}

/** Takes due messages, the longest due first; nobody else gets them before `until`. */
export async function claimMessages(
  db: Queryable,
  { channel, at, until, limit }: Claim,
): Promise<MessageRow[]> {
  return (await claim(db, [channel, toRfc3339(at), toRfc3339(until), limit])).map(fromStored)
}

/** A claimed message, by the attempt that it was claimed for. */
export type ClaimedMessage = Pick<Message, 'workspaceId' | 'messageId' | 'attempts'>

const markSent = prepared(
  'message-sent',
  `update message
      set state = 'sent', sent_at = $3, claimed_at = null, last_error = null,
          sealed_body = case when is_secret then null else sealed_body end
    where workspace_id = $1 and message_id = $2`,
)

/** Notes that a message is out; a body that held a secret is forgotten. */
export async function saveSent(
  db: Queryable,
  { workspaceId, messageId }: ClaimedMessage,
  at: Instant,
): Promise<void> {
  await markSent(db, [workspaceId, messageId, toRfc3339(at)])
}

const markFailed = prepared(
  'message-failed',
  `update message set state = $4, next_attempt_at = $5, last_error = $6, claimed_at = null
    where workspace_id = $1 and message_id = $2 and attempts = $3 and state = 'queued'`,
)

/** How an attempt failed, and what becomes of the message. */
export interface FailedAttempt {
  state: 'queued' | 'failed'
  nextAttemptAt: Instant
  lastError: string
}

/** Notes a failed attempt, unless somebody has claimed the message since. */
export async function saveFailed(
  db: Queryable,
  { workspaceId, messageId, attempts }: ClaimedMessage,
  { state, nextAttemptAt, lastError }: FailedAttempt,
): Promise<void> {
  await markFailed(db, [workspaceId, messageId, attempts, state, toRfc3339(nextAttemptAt), lastError])
}

const giveBack = prepared(
  'message-release',
  `update message set attempts = attempts - 1, next_attempt_at = $4, claimed_at = null
    where workspace_id = $1 and message_id = $2 and attempts = $3 and state = 'queued'`,
)

/** Gives a claimed message back whose attempt was broken off. */
export async function releaseMessage(
  db: Queryable,
  { workspaceId, messageId, attempts }: ClaimedMessage,
  at: Instant,
): Promise<void> {
  await giveBack(db, [workspaceId, messageId, attempts, toRfc3339(at)])
}

// Index message_due.
const keepAll = prepared(
  'message-keep',
  `update message set state = 'outbox', claimed_at = null where channel = $1 and state = 'queued'`,
)

/** Puts what waits for a transport that is gone into the outbox. */
export async function keepQueued(db: Queryable, channel: MessageChannel): Promise<void> {
  await keepAll(db, [channel])
}

const requeue = prepared<StoredMessage>(
  'message-requeue',
  `update message
      set state = $3, attempts = 0, next_attempt_at = $4
    where workspace_id = $1 and message_id = $2 and state <> 'sent' and claimed_at is null
   returning ${COLUMNS}`,
)

/** Makes a message that is not out due now; undefined when it is out or being sent. */
export async function requeueMessage(
  tx: Queryable,
  workspaceId: number,
  messageId: string,
  { state, at }: { state: MessageState; at: Instant },
): Promise<MessageRow | undefined> {
  const [row] = await requeue(tx, [workspaceId, messageId, state, toRfc3339(at)])
  return row && fromStored(row)
}

const findOne = prepared<StoredMessage>(
  'message-find-one',
  `select ${COLUMNS} from message where workspace_id = $1 and message_id = $2`,
)

/** A message of a workspace. */
export async function findMessage(
  db: Queryable,
  workspaceId: number,
  messageId: string,
): Promise<MessageRow | undefined> {
  const [row] = await findOne(db, [workspaceId, messageId])
  return row && fromStored(row)
}

/** What to list, newest first; what is undefined filters nothing. */
export interface MessageQuery {
  workspaceId: number
  state: MessageState | undefined
  template: string | undefined
  recipient: string | undefined
  after: { at: Instant; id: string } | undefined
  limit: number
}

// Index message_at.
const findMany = prepared<StoredMessage>(
  'message-find',
  `select ${COLUMNS} from message
    where workspace_id = $1 and ($2::timestamptz is null or (created_at, message_id) < ($2::timestamptz, $3::uuid))
      and ($4::text is null or state = $4::text) and ($5::text is null or template = $5::text)
      and ($6::text is null or recipient = $6::text)
    order by created_at desc, message_id desc
    limit $7`,
)

/** Messages of a workspace. */
export async function findMessages(db: Queryable, query: MessageQuery): Promise<MessageRow[]> {
  const rows = await findMany(db, [
    query.workspaceId,
    query.after === undefined ? null : toRfc3339(query.after.at),
    query.after?.id ?? LARGEST_UUID,
    query.state ?? null,
    query.template ?? null,
    query.recipient ?? null,
    query.limit,
  ])
  return rows.map(fromStored)
}

// Index message_age.
const deleteOld = prepared('message-expire', 'delete from message where created_at < $1')

/** Forgets messages of every workspace, whatever became of them. */
export async function expireMessages(db: Queryable, before: Instant): Promise<void> {
  await deleteOld(db, [toRfc3339(before)])
}

function fromStored(row: StoredMessage): MessageRow {
  return {
    workspaceId: row.workspace_id,
    messageId: row.message_id,
    channel: row.channel,
    template: row.template,
    recipient: row.recipient,
    subject: row.subject ?? undefined,
    sealedBody: row.sealed_body ?? undefined,
    isSecret: row.is_secret,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at.getTime(),
    lastError: row.last_error ?? undefined,
    createdAt: row.created_at.getTime(),
    sentAt: row.sent_at?.getTime(),
  }
}
