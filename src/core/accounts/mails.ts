import type { Transaction } from '../../storage/db.ts'
import { fromNow } from '../../lib/time.ts'
import type { AccountWords, AccountsContext, Origin } from './context.ts'

/** A link lives a day: people read mail late. */
const LINK_LIFE_SECONDS = 86_400

/** A link that opens an account lives an hour. */
export const RESET_LIFE_SECONDS = 3_600

/** A PIN has few digits. */
export const PIN_LIFE_SECONDS = 900

/** What a link in a mail is for; also the purpose of its one-time code and the end of its page's path. */
export const LINK_PURPOSES = ['activation', 'email-confirmation', 'password-reset', 'email-change'] as const

/** One of {@link LINK_PURPOSES}. */
export type LinkPurpose = (typeof LINK_PURPOSES)[number]

/** Which account a mail is about, and the mailbox that it goes to. */
export interface MailPayload {
  accountId: string
  email: string
}

/** What a link of an account gives back to whoever opens it: a page knows nothing but the link. */
export interface LinkPayload extends MailPayload {
  /** The dialect of the request behind the mail, and how it calls what happens. */
  dialect: string
  words: AccountWords
}

/** What a mail takes over from the request behind it. */
export type MailOrigin = Pick<Origin, 'workspace' | 'dialect' | 'words'>

/** What a mail with a link is about. */
export interface LinkMail extends MailPayload {
  purpose: LinkPurpose
  /** The mail's template; the purpose's own when left out. */
  template?: 'account-exists'
  lifeSeconds?: number
}

/** Makes a link for an account and mails it, in the transaction of what it is about. */
export async function mailLink(
  { codes, messages, publicUrl }: Pick<AccountsContext, 'codes' | 'messages' | 'publicUrl'>,
  tx: Transaction,
  { workspace, dialect, words }: MailOrigin,
  { purpose, template, lifeSeconds = LINK_LIFE_SECONDS, accountId, email }: LinkMail,
): Promise<void> {
  const code = await codes.issue(tx, {
    workspaceId: workspace.id,
    purpose,
    subject: accountId,
    payload: { accountId, email, dialect, words: { ...words } },
    lifeSeconds,
    form: 'link',
  })
  const page = workspace.settings.accountLinkUrl ?? `${publicUrl}/account/${purpose}`
  const link = new URL(page)
  if (workspace.settings.accountLinkUrl !== null) link.searchParams.set('purpose', purpose)
  link.searchParams.set('token', code.secret)
  const values = { link: link.href, workspace: workspace.name, expires: fromNow(lifeSeconds) }
  await messages.enqueue(tx, {
    workspaceId: workspace.id,
    channel: 'mail',
    template: template ?? purpose,
    recipient: email,
    values,
  })
}

/** Makes a PIN for a registration and mails it. */
export async function mailPin(
  { codes, messages }: Pick<AccountsContext, 'codes' | 'messages'>,
  tx: Transaction,
  { workspace }: Pick<Origin, 'workspace'>,
  { accountId, email }: MailPayload,
): Promise<void> {
  const code = await codes.issue(tx, {
    workspaceId: workspace.id,
    purpose: 'pin',
    subject: accountId,
    payload: { accountId, email },
    lifeSeconds: PIN_LIFE_SECONDS,
    form: 'pin',
  })
  const values = { code: code.secret, workspace: workspace.name, expires: fromNow(PIN_LIFE_SECONDS) }
  await messages.enqueue(tx, {
    workspaceId: workspace.id,
    channel: 'mail',
    template: 'pin',
    recipient: email,
    values,
  })
}
