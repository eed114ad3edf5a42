import { now } from '../../lib/time.ts'
import { toStorableText } from '../../lib/text.ts'
import type { Instant } from '../../lib/time.ts'
import type { MessageChannel, MessageContent } from '../../model/message.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable } from '../../storage/db.ts'
import { deleteTemplate, findTemplates, saveTemplate } from '../../storage/message-templates.ts'
import type { StoredTemplate } from '../../storage/message-templates.ts'
import { MESSAGE_NAMES, SAMPLE_VALUES, builtInContent, definitionOf, readMessageName } from './definitions.ts'
import type { MessageName } from './definitions.ts'
import { checkTemplate, renderMessage } from './render.ts'

/** A message as a workspace says it. */
export interface MessageTemplate extends MessageContent {
  name: MessageName
  channels: readonly MessageChannel[]
  /** What its texts may name. */
  placeholders: readonly string[]
  /** What its text and its HTML must name. */
  required: readonly string[]
  /** Undefined while it says what the product says. */
  updatedAt: Instant | undefined
}

/** What a workspace wants to say. HTML that is left out is made of the text. */
export interface TemplateDraft {
  subject?: string | undefined
  text: string
  html?: string | undefined
}

/** The templates of a workspace. Names come from anywhere: they are checked here. */
export interface MessageTemplates {
  /** Every message, in the order of the product's table. */
  list(workspaceId: number): Promise<MessageTemplate[]>
  /** @throws CDP_MESSAGE_TEMPLATE_NOT_FOUND */
  get(workspaceId: number, name: string): Promise<MessageTemplate>
  /** Says it in own words from now on. @throws CDP_MESSAGE_TEMPLATE_NOT_FOUND CDP_MESSAGE_TEMPLATE_INVALID */
  save(workspaceId: number, name: string, draft: TemplateDraft): Promise<MessageTemplate>
  /** Says what the product says again. @throws CDP_MESSAGE_TEMPLATE_NOT_FOUND */
  reset(workspaceId: number, name: string): Promise<void>
  /**
   * What a draft, or without one the template, says with sample values.
   * @throws CDP_MESSAGE_TEMPLATE_NOT_FOUND CDP_MESSAGE_TEMPLATE_INVALID
   */
  preview(workspaceId: number, name: string, draft: TemplateDraft | undefined): Promise<MessageContent>
}

/** Opens the templates. */
export function openTemplates(db: Database): MessageTemplates {
  const list = async (workspaceId: number): Promise<MessageTemplate[]> => {
    const stored = await guarded(() => findTemplates(db.general, workspaceId))
    return MESSAGE_NAMES.map((name) => describe(name, stored))
  }
  const get = async (workspaceId: number, text: string): Promise<MessageTemplate> => {
    const name = readMessageName(text)
    return describe(name, await guarded(() => findTemplates(db.general, workspaceId)))
  }
  return {
    list,
    get,
    save: async (workspaceId, text, draft) => {
      const name = readMessageName(text)
      const stored = { name, ...checkTemplate(name, readDraft(draft)), updatedAt: now() }
      await guarded(() => saveTemplate(db.general, workspaceId, stored))
      return describe(name, [stored])
    },
    reset: async (workspaceId, text) => {
      const name = readMessageName(text)
      await guarded(() => deleteTemplate(db.general, workspaceId, name))
    },
    preview: async (workspaceId, text, draft) => {
      const { name, channels, ...template } = await get(workspaceId, text)
      const content = draft === undefined ? template : checkTemplate(name, readDraft(draft))
      return renderMessage(channels[0] ?? 'mail', content, SAMPLE_VALUES)
    },
  }
}

/** What a message of this name says in a workspace, inside the caller's transaction. */
export async function contentOf(
  tx: Queryable,
  workspaceId: number,
  name: MessageName,
): Promise<MessageContent> {
  return describe(name, await findTemplates(tx, workspaceId))
}

function describe(name: MessageName, stored: readonly StoredTemplate[]): MessageTemplate {
  const { channels, placeholders, required } = definitionOf(name)
  const own = stored.find((template) => template.name === name)
  const { subject, text, html } = own ?? builtInContent(name)
  return { name, channels, placeholders, required, subject, text, html, updatedAt: own?.updatedAt }
}

function readDraft({ subject, text, html }: TemplateDraft): MessageContent {
  const storable = (part: string | undefined): string | undefined =>
    part === undefined ? undefined : toStorableText(part)
  return { subject: storable(subject), text: toStorableText(text), html: storable(html) }
}
