import type { MessageTemplate } from '@tributary/sdk'

/** Words as a form has them; what the message does not have is undefined. */
export interface TemplateDraft {
  subject: string | undefined
  text: string
  html: string | undefined
}

/** The words of a template to be changed. The built-in HTML is made of the text, and follows what becomes of that. */
export function draftOf({
  channels,
  isBuiltIn,
  subject,
  text,
  html,
}: Pick<MessageTemplate, 'channels' | 'isBuiltIn' | 'subject' | 'text' | 'html'>): TemplateDraft {
  const isMail = channels.includes('mail')
  return {
    subject: isMail ? (subject ?? '') : undefined,
    text,
    html: isMail ? ((isBuiltIn ? undefined : html) ?? '') : undefined,
  }
}

/** What the server is sent: what is empty is left out. */
export function toSend({ subject, text, html }: TemplateDraft): {
  subject?: string
  text: string
  html?: string
} {
  return { text, ...(subject && { subject }), ...(html && { html }) }
}
