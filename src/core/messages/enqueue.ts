import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Message, MessageChannel } from '../../model/message.ts'
import type { Transaction } from '../../storage/db.ts'
import { insertMessage } from '../../storage/messages.ts'
import { sealMessage } from './body.ts'
import { definitionOf, isSecretMessage } from './definitions.ts'
import type { MessageName, MessageValues } from './definitions.ts'
import { checkRecipient } from './recipient.ts'
import { renderMessage } from './render.ts'
import type { Values } from './render.ts'
import { contentOf } from './templates.ts'

/** A message that is to be sent. */
export interface NewMessage<Name extends MessageName> extends AnyMessage {
  template: Name
  values: MessageValues<Name>
}

/** A message of whatever name, with the values that it happens to have. */
interface AnyMessage {
  /** Whose words it is said in; `NO_WORKSPACE` for the built-in ones. */
  workspaceId: number
  channel: MessageChannel
  template: MessageName
  /** One e-mail address without a name, or a phone number in E.164. */
  recipient: string
  values: Values
}

/**
 * Renders a message and stores it in the transaction of what it tells about: it is sent if and only if that is committed.
 * @param options.hasTransport without one it is kept in the outbox
 * @param options.secretKey 32 bytes: seals what it says
 * @throws CDP_RECIPIENT_INVALID; CDP_INVARIANT_BROKEN the message has no such channel, or a value is missing
 */
export async function enqueueMessage(
  tx: Transaction,
  { workspaceId, channel, template, recipient, values }: AnyMessage,
  { hasTransport, secretKey }: { hasTransport: boolean; secretKey: Buffer },
): Promise<Message> {
  checkRecipient(channel, recipient)
  if (!definitionOf(template).channels.includes(channel))
    throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `${template} does not go out by ${channel}` })
  const content = renderMessage(channel, await contentOf(tx, workspaceId, template), values)
  const createdAt = now()
  const message: Message = {
    workspaceId,
    messageId: newUuid(),
    channel,
    template,
    recipient,
    ...content,
    isSecret: isSecretMessage(template),
    state: hasTransport ? 'queued' : 'outbox',
    attempts: 0,
    nextAttemptAt: createdAt,
    lastError: undefined,
    createdAt,
    sentAt: undefined,
  }
  await insertMessage(tx, sealMessage(message, secretKey))
  return message
}
