import { CdpError } from '../../model/errors.ts'
import type { MessageChannel, MessageContent } from '../../model/message.ts'

/** A message that the product sends, before a workspace says it in its own words. */
export interface MessageDefinition {
  channels: readonly MessageChannel[]
  /** What may stand in its texts as `{{name}}`. */
  placeholders: readonly Placeholder[]
  /** What the message is worthless without. */
  required: readonly Placeholder[]
  subject: string | undefined
  /** Paragraphs with empty lines between; the built-in HTML is made of them. */
  text: string
}

/** Every placeholder, with the value that a preview shows. */
export const SAMPLE_VALUES = {
  link: 'https://example.com/confirm?code=sample',
  code: '123456',
  workspace: 'Shop',
  expires: 'in 24 hours',
} as const

/** Name of a placeholder. */
export type Placeholder = keyof typeof SAMPLE_VALUES

const byLink = (subject: string, ...paragraphs: readonly string[]) =>
  ({
    channels: ['mail'],
    placeholders: ['link', 'workspace', 'expires'],
    required: ['link'],
    subject,
    text: paragraphs.join('\n\n'),
  }) as const

const IGNORE = 'If you did not ask for this, ignore this message.'

/** Every message of the product, by name. */
export const MESSAGES = {
  activation: byLink(
    'Activate your account at {{workspace}}',
    'Welcome to {{workspace}}. Open this link to activate your account:',
    '{{link}}',
    'The link works once and ends {{expires}}.',
    IGNORE,
  ),
  'email-confirmation': byLink(
    'Confirm your e-mail address',
    'Open this link to confirm that {{workspace}} may use this address:',
    '{{link}}',
    'The link works once and ends {{expires}}.',
    IGNORE,
  ),
  pin: {
    channels: ['mail', 'sms'],
    placeholders: ['code', 'workspace', 'expires'],
    required: ['code'],
    subject: 'Your code for {{workspace}}',
    text: '{{code}} is your code for {{workspace}}. It ends {{expires}}.\n\nNobody of {{workspace}} will ask you for it.',
  },
  'password-reset': byLink(
    'Choose a new password',
    'Open this link to choose a new password at {{workspace}}:',
    '{{link}}',
    'The link works once and ends {{expires}}.',
    'If you did not ask for this, ignore this message: your password stays as it is.',
  ),
  'email-change': byLink(
    'Confirm your new e-mail address',
    'Open this link to use this address at {{workspace}} from now on:',
    '{{link}}',
    'The link works once and ends {{expires}}.',
    IGNORE,
  ),
  'account-exists': byLink(
    'You have an account at {{workspace}}',
    'Somebody, probably you, tried to register this address at {{workspace}}, where it has an account already. Log in or join here:',
    '{{link}}',
    'The link ends {{expires}}.',
    IGNORE,
  ),
  'phone-change': {
    channels: ['sms'],
    placeholders: ['code', 'workspace', 'expires'],
    required: ['code'],
    subject: undefined,
    text: '{{code}} is your code to use this number at {{workspace}}. It ends {{expires}}.',
  },
  'user-invitation': byLink(
    'You are invited to {{workspace}}',
    'You are invited to work with {{workspace}}. Open this link to choose your password:',
    '{{link}}',
    'The link works once and ends {{expires}}.',
  ),
  test: {
    channels: ['mail', 'sms'],
    placeholders: ['workspace'],
    required: [],
    subject: 'A test message of {{workspace}}',
    text: 'Messages of {{workspace}} arrive at this address.',
  },
} as const satisfies Record<string, MessageDefinition>

/** Name of a message. */
export type MessageName = keyof typeof MESSAGES

/** The values that a message must be given. */
export type MessageValues<Name extends MessageName> = Readonly<
  Record<(typeof MESSAGES)[Name]['placeholders'][number], string>
>

/** Names of all messages, in the order of the table. */
export const MESSAGE_NAMES = Object.keys(MESSAGES) as MessageName[]

/** The name, if there is such a message. @throws CDP_MESSAGE_TEMPLATE_NOT_FOUND */
export function readMessageName(text: string): MessageName {
  const name = MESSAGE_NAMES.find((candidate) => candidate === text)
  if (name === undefined) throw new CdpError('CDP_MESSAGE_TEMPLATE_NOT_FOUND')
  return name
}

/** A message's definition, by its common type. */
export function definitionOf(name: MessageName): MessageDefinition {
  return MESSAGES[name]
}

/** Whether what it says opens something and is forgotten once it was sent. */
export function isSecretMessage(name: MessageName): boolean {
  return definitionOf(name).required.length > 0
}

/** What the product says when a workspace says nothing of its own. */
export function builtInContent(name: MessageName): MessageContent {
  const { subject, text, channels } = definitionOf(name)
  return { subject, text, html: channels.includes('mail') ? htmlOf(text) : undefined }
}

/** Plain HTML of paragraphs, as a template: its placeholders stay, and the link can be clicked. */
export function htmlOf(text: string): string {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => {
    const lines = escapeHtml(paragraph).replaceAll('\n', '<br>')
    return `<p>${lines.replaceAll(/\{\{\s*link\s*\}\}/g, '<a href="{{link}}">{{link}}</a>')}</p>`
  })
  return `<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n${paragraphs.join('\n')}\n</body></html>\n`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** The text with nothing in it that HTML reads, neither between tags nor in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
