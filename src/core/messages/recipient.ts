import { CdpError } from '../../model/errors.ts'
import type { MessageChannel } from '../../model/message.ts'

// One address and nothing that a mail program could read as a name, a comment or a second one.
const MAIL_ADDRESS = /^[^\s\p{Cc}@<>()[\]\\,;:"]{1,64}@[^\s\p{Cc}@<>()[\]\\,;:"]{1,255}$/u

/** E.164; the plus may be left out. */
const PHONE_NUMBER = /^\+?[1-9]\d{4,14}$/

/** Refuses what cannot be one recipient of the channel. @throws CDP_RECIPIENT_INVALID */
export function checkRecipient(channel: MessageChannel, recipient: string): void {
  const pattern = channel === 'mail' ? MAIL_ADDRESS : PHONE_NUMBER
  if (!pattern.test(recipient) || !recipient.isWellFormed())
    throw new CdpError('CDP_RECIPIENT_INVALID', { pointer: '/recipient' })
}
