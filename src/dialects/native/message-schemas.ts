import { Type } from 'typebox'
import type { Static } from 'typebox'
import { MESSAGE_CHANNELS, MESSAGE_STATES } from '../../model/message.ts'
import type { MessageState } from '../../model/message.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'

/** Queries and bodies of messages and their templates. */

const only = { additionalProperties: false }

// PostgreSQL takes no NUL in a text, and no stored text has one.
const filter = () => Type.Optional(Type.String({ minLength: 1, maxLength: 320, pattern: STORABLE_PATTERN }))

/** `GET /api/v1/outbox` */
export const MessageListQuery = Type.Object(
  {
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
    cursor: filter(),
    state: Type.Optional(Type.Union(MESSAGE_STATES.map((state) => Type.Literal(state)))),
    template: filter(),
    recipient: filter(),
  },
  only,
)

/** `POST /api/v1/messages/test` */
export const TestMessageBody = Type.Object(
  {
    channel: Type.Enum([...MESSAGE_CHANNELS], { description: 'How it goes out.' }),
    recipient: Type.String({
      minLength: 1,
      maxLength: 320,
      description: 'An e-mail address without a name, or a phone number in E.164.',
    }),
  },
  only,
)

const subject = Type.String({
  minLength: 1,
  maxLength: 255,
  description: 'Left out where the message is a text message.',
})
const text = Type.String({
  minLength: 1,
  maxLength: 20_000,
  description: 'Text with `{{placeholders}}`; empty lines part its paragraphs.',
})
const html = Type.String({
  minLength: 1,
  maxLength: 100_000,
  description: 'HTML with `{{placeholders}}`; made of the text when left out.',
})

/** `PUT /api/v1/message-templates/:name` */
export const TemplateBody = Type.Object(
  { subject: Type.Optional(subject), text, html: Type.Optional(html) },
  only,
)

/** `POST /api/v1/message-templates/:name/preview`: a draft, or nothing for the template as it is. */
export const PreviewBody = Type.Object({ draft: Type.Optional(TemplateBody) }, only)

/** See {@link MessageListQuery}. */
export type MessageListQuery = Static<typeof MessageListQuery> & { state?: MessageState }
/** See {@link TestMessageBody}. */
export type TestMessageBody = Static<typeof TestMessageBody>
/** See {@link TemplateBody}. */
export type TemplateBody = Static<typeof TemplateBody>
/** See {@link PreviewBody}. */
export type PreviewBody = Static<typeof PreviewBody>
