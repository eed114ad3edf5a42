import { toStorableText } from '../../lib/text.ts'
import { CdpError } from '../../model/errors.ts'
import type { MessageChannel, MessageContent } from '../../model/message.ts'
import { definitionOf, escapeHtml, htmlOf } from './definitions.ts'
import type { MessageDefinition, MessageName, Placeholder } from './definitions.ts'

/** The values of a message's placeholders; every one of its definition. */
export type Values = Readonly<Partial<Record<Placeholder, string>>>

/** Longest subject, characters: more is cut off by whoever shows it. */
const SUBJECT_LENGTH_MAX = 255

/**
 * Fills a template in. A text message is its text alone; HTML that a template leaves out is made of its text.
 * @throws CDP_INVARIANT_BROKEN a value is missing, or the link is none
 */
export function renderMessage(
  channel: MessageChannel,
  content: MessageContent,
  values: Values,
): MessageContent {
  assertLink(values.link)
  const text = fill(content.text, values, (value) => value)
  if (channel === 'sms') return { subject: undefined, text, html: undefined }
  return {
    subject: oneLine(fill(content.subject ?? '', values, (value) => value)),
    text,
    html: fill(content.html ?? htmlOf(content.text), values, escapeHtml),
  }
}

/** A template that could be sent with a value for each placeholder. @throws CDP_MESSAGE_TEMPLATE_INVALID */
export function checkTemplate(name: MessageName, content: MessageContent): MessageContent {
  const definition = definitionOf(name)
  const isMail = definition.channels.includes('mail')
  if (isMail && (content.subject ?? '').trim() === '') throw invalid('subject', 'A mail needs a subject.')
  if (!isMail && (content.subject ?? content.html) !== undefined)
    throw invalid('subject', 'A text message has neither subject nor HTML.')
  checkPart('subject', content.subject, { ...definition, required: [] })
  checkPart('text', content.text, definition)
  checkPart('html', content.html, definition)
  return content
}

const PLACEHOLDER = /\{\{\s*([^{}\s]+)\s*\}\}/g

function checkPart(
  part: string,
  template: string | undefined,
  { placeholders, required }: MessageDefinition,
): void {
  if (template === undefined) return
  const named = [...template.matchAll(PLACEHOLDER)].map(([, name]) => name)
  if (named.some((name) => !placeholders.some((known) => known === name)))
    throw invalid(part, `Only these can be named: ${listed(placeholders)}.`)
  const missing = required.filter((name) => !named.includes(name))
  if (missing.length > 0) throw invalid(part, `It must name ${listed(missing)}.`)
  // A brace of a misspelt placeholder would reach people as it is.
  if (/\{\{|\}\}/.test(template.replaceAll(PLACEHOLDER, '')))
    throw invalid(part, 'Braces stand around a name: {{name}}.')
}

function listed(names: readonly string[]): string {
  return names.map((name) => `{{${name}}}`).join(', ')
}

function invalid(part: string, detail: string): CdpError {
  return new CdpError('CDP_MESSAGE_TEMPLATE_INVALID', { pointer: `/${part}`, detail })
}

function fill(template: string, values: Values, encode: (value: string) => string): string {
  return template.replaceAll(PLACEHOLDER, (_match, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as Placeholder] : undefined
    if (value === undefined)
      throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no value for the placeholder ${name}` })
    return encode(toStorableText(value))
  })
}

/** A link is clicked: anything that is not one of the web's would run in the reader's mail program. */
function assertLink(link: string | undefined): void {
  const isWeb = link === undefined || (URL.canParse(link) && /^https?:$/.test(new URL(link).protocol))
  if (!isWeb) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'the link is no http(s) URL' })
}

/** A line break in a subject would begin a header of its own. */
function oneLine(subject: string): string {
  const line = subject.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
  return Array.from(line).slice(0, SUBJECT_LENGTH_MAX).join('')
}
