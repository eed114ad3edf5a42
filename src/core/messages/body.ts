import type { Message } from '../../model/message.ts'
import type { MessageRow } from '../../storage/messages.ts'
import { seal, unseal } from '../access/index.ts'

/** What a message says, without its subject. */
type Body = Pick<Message, 'text' | 'html'>

/** The message as it is stored: a code that waits to be sent must not be read in a backup. */
export function sealMessage({ text, html, ...message }: Message, secretKey: Buffer): MessageRow {
  const body = Buffer.from(JSON.stringify({ text, html } satisfies Body))
  return { ...message, sealedBody: seal(body, contextOf(message), secretKey) }
}

/** The message as it is read. @throws CDP_SECRET_KEY_WRONG another key sealed it */
export function unsealMessage({ sealedBody, ...message }: MessageRow, secretKey: Buffer): Message {
  if (sealedBody === undefined) return { ...message, text: undefined, html: undefined }
  const body = JSON.parse(unseal(sealedBody, contextOf(message), secretKey).toString()) as Partial<Body>
  return { ...message, text: body.text, html: body.html }
}

function contextOf({ workspaceId, messageId }: Pick<Message, 'workspaceId' | 'messageId'>): string {
  return `message|${workspaceId}|${messageId}`
}
