import type { Message } from '@tributary/sdk'

/** What becomes of a message, in words, with a colour for each. */
export const STATES: Readonly<Record<Message['state'], { label: string; color: string; text: string }>> = {
  queued: { label: 'Queued', color: 'blue', text: 'It is on its way, or is tried again.' },
  sent: { label: 'Sent', color: 'teal', text: 'The other side took it over.' },
  failed: { label: 'Failed', color: 'red', text: 'It was given up after its last attempt.' },
  outbox: {
    label: 'Kept here',
    color: 'yellow',
    text: 'The installation has no transport for it; nothing goes out.',
  },
}

/** How a message goes out, in words. */
export const CHANNELS: Readonly<Record<Message['channel'], string>> = { mail: 'Mail', sms: 'SMS' }

/** When each message goes out, by the name of its template. */
export const OCCASIONS: Readonly<Record<string, string>> = {
  activation: 'somebody registers',
  'email-confirmation': 'an address is to be confirmed',
  pin: 'a code is to be typed in',
  'password-reset': 'a password was forgotten',
  'email-change': 'somebody wants another address; it goes to the new one',
  'account-exists': 'somebody registers an address that has an account',
  'phone-change': 'somebody wants another phone number',
  'user-invitation': 'somebody is invited to work with the workspace',
  test: 'you ask for it',
}
