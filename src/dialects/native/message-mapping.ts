import type { MessageTemplate } from '../../core/messages/index.ts'
import { toRfc3339 } from '../../lib/time.ts'
import type { Message, MessageContent } from '../../model/message.ts'

/** A message in a list: without what it says, which may open something. */
export function showMessageSummary(message: Message): object {
  const { messageId, channel, template, recipient, subject, state, attempts, lastError } = message
  return {
    id: messageId,
    channel,
    template,
    recipient,
    subject: subject ?? null,
    state,
    attempts,
    nextAttemptAt: state === 'queued' ? toRfc3339(message.nextAttemptAt) : null,
    lastError: lastError ?? null,
    createdAt: toRfc3339(message.createdAt),
    sentAt: message.sentAt === undefined ? null : toRfc3339(message.sentAt),
  }
}

/** A message with what it says; null where that was forgotten. */
export function showMessage(message: Message): object {
  return { ...showMessageSummary(message), text: message.text ?? null, html: message.html ?? null }
}

/** A template, with what it may name. */
export function showTemplate({ updatedAt, ...template }: MessageTemplate): object {
  const { name, channels, placeholders, required } = template
  return {
    name,
    channels,
    placeholders,
    required,
    ...showContent(template),
    isBuiltIn: updatedAt === undefined,
    updatedAt: updatedAt === undefined ? null : toRfc3339(updatedAt),
  }
}

/** What a message says. */
export function showContent({ subject, text, html }: MessageContent): object {
  return { subject: subject ?? null, text, html: html ?? null }
}
