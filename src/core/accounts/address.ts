import { normalizeIdentifier } from '../identity/index.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { releaseEmail } from '../../storage/accounts.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import type { Transaction } from '../../storage/db.ts'
import { endAccountSessions } from '../../storage/sessions.ts'

/** How somebody names their account; which of the two counts is the workspace's policy of e-mails. */
export interface LoginName {
  email?: string | undefined
  customId?: string | undefined
}

/** A login name in normal form. */
export type AccountName = { email: string } | { customId: string }

/**
 * The name that counts: the e-mail, or the custom id where e-mails identify nobody.
 * @throws CDP_BODY_INVALID it is missing or can be nobody's
 */
export function accountNameOf(
  { settings }: Pick<Workspace, 'settings'>,
  { email, customId }: LoginName,
): AccountName {
  const byEmail = settings.emailIdentity === 'unique'
  const [kind, value, pointer] = byEmail
    ? (['email', email, '/email'] as const)
    : (['userId', customId, '/customId'] as const)
  const normalized =
    value === undefined
      ? undefined
      : normalizeIdentifier({ kind, value }, { ...settings, emailIdentity: 'unique' })
  if (normalized?.outcome !== 'usable') {
    const detail =
      value === undefined ? `${pointer.slice(1)}: is required` : `${pointer.slice(1)}: is nobody's`
    throw new CdpError('CDP_BODY_INVALID', { pointer, detail })
  }
  const { value: normal } = normalized.identifier
  return byEmail ? { email: normal } : { customId: normal }
}

/**
 * The mailbox of an account that is not named by it, in normal form.
 * @throws CDP_BODY_INVALID it can be nobody's
 */
export function mailboxOf({ settings }: Pick<Workspace, 'settings'>, email: string): string {
  const name = accountNameOf({ settings: { ...settings, emailIdentity: 'unique' } }, { email })
  return 'email' in name ? name.email : email
}

/** The name that an account is logged in by. */
export function nameOf({ email, emailIsName, customId }: AccountRow): AccountName {
  return emailIsName && email !== undefined ? { email } : { customId: customId ?? '' }
}

/** The text by which failures of a login are counted. */
export function subjectOf(name: AccountName): string {
  return 'email' in name ? `email:${name.email}` : `customId:${name.customId}`
}

/**
 * Takes an address from whoever claimed it without proof, now that an account has proven it. Their sessions end: the profile
 * that they are on may hold the address, and the owner joins that one. Where addresses name nobody, they may be shared.
 */
export async function releaseClaims(
  tx: Transaction,
  { workspaceId, accountId, emailIsName }: Pick<AccountRow, 'workspaceId' | 'accountId' | 'emailIsName'>,
  email: string,
): Promise<void> {
  if (!emailIsName) return
  const losers = await releaseEmail(tx, workspaceId, email, accountId)
  if (losers.length > 0) await endAccountSessions(tx, workspaceId, losers, now())
}
