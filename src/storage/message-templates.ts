import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { MessageContent } from '../model/message.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** What a workspace says in place of a built-in template. */
export interface StoredTemplate extends MessageContent {
  name: string
  updatedAt: Instant
}

interface StoredRow {
  name: string
  subject: string | null
  body_text: string
  body_html: string | null
  updated_at: Date
}

const findAll = prepared<StoredRow>(
  'message-template-find',
  `select name, subject, body_text, body_html, updated_at from message_template where workspace_id = $1`,
)

/** Every template of a workspace, in no order. */
export async function findTemplates(db: Queryable, workspaceId: number): Promise<StoredTemplate[]> {
  return (await findAll(db, [workspaceId])).map((row) => ({
    name: row.name,
    subject: row.subject ?? undefined,
    text: row.body_text,
    html: row.body_html ?? undefined,
    updatedAt: row.updated_at.getTime(),
  }))
}

const upsert = prepared(
  'message-template-upsert',
  `insert into message_template (workspace_id, name, subject, body_text, body_html, updated_at)
   values ($1, $2, $3, $4, $5, $6)
   on conflict (workspace_id, name) do update
     set subject = excluded.subject, body_text = excluded.body_text, body_html = excluded.body_html,
         updated_at = excluded.updated_at`,
)

/** Stores a template, in place of the one with this name. */
export async function saveTemplate(
  db: Queryable,
  workspaceId: number,
  { name, subject, text, html, updatedAt }: StoredTemplate,
): Promise<void> {
  await upsert(db, [workspaceId, name, subject ?? null, text, html ?? null, toRfc3339(updatedAt)])
}

const deleteOne = prepared(
  'message-template-delete',
  'delete from message_template where workspace_id = $1 and name = $2',
)

/** Forgets a template; nothing happens when there is none. */
export async function deleteTemplate(db: Queryable, workspaceId: number, name: string): Promise<void> {
  await deleteOne(db, [workspaceId, name])
}
