import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { deleteIdentities, findAccount, lockAccount, setAccountPassword } from '../../storage/accounts.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Transaction } from '../../storage/db.ts'
import { endAccountSessions } from '../../storage/sessions.ts'
import { hashPassword, verifyPassword } from '../access/index.ts'
import { accountNameOf, nameOf, subjectOf } from './address.ts'
import type { LoginName } from './address.ts'
import type { AccountsContext, Origin } from './context.ts'
import { FREE_RESETS, addressKeys } from './limits.ts'
import { RESET_LIFE_SECONDS, mailLink } from './mails.ts'
import type { LinkPurpose, MailPayload } from './mails.ts'
import { requireGoodPassword } from './password-rules.ts'
import { markProven, settleProfile } from './prove.ts'

/**
 * Mails a link to set another password; nothing tells whether there is such an account.
 * @throws CDP_BODY_INVALID CDP_ATTEMPTS_BLOCKED too often
 */
export async function requestReset(
  context: AccountsContext,
  origin: Origin,
  request: LoginName,
): Promise<void> {
  const { workspace } = origin
  const name = accountNameOf(workspace, request)
  const counted = { purpose: 'password-reset', workspaceId: workspace.id }
  const subject = 'email' in name ? name.email : name.customId
  await context.attempts.take(
    { ...counted, subject, free: FREE_RESETS },
    ...addressKeys(origin, 'password-reset'),
  )
  const account = await guarded(() => findAccount(context.db.general, workspace.id, name))
  if (account?.email === undefined) return
  const { accountId, email } = account
  const mail = { purpose: 'password-reset', accountId, email, lifeSeconds: RESET_LIFE_SECONDS } as const
  await guarded(() => inTransaction(context.db.general, (tx) => mailLink(context, tx, origin, mail)))
}

/**
 * Sets another password by a mailed link. That proves the mailbox too; every session of before ends.
 * @throws CDP_PASSWORD_WEAK CDP_CODE_INVALID CDP_CODE_EXPIRED
 */
export async function confirmReset(
  context: AccountsContext,
  origin: Origin,
  { token, password }: { token: string; password: string },
): Promise<void> {
  const { db, codes, attempts } = context
  const { workspace } = origin
  requireGoodPassword(password, workspace.settings)
  const link = { workspaceId: workspace.id, purpose: 'password-reset', secret: token }
  await codes.peek(link)
  const passwordHash = await hashPassword(password)
  const account = await guarded(() =>
    inTransaction(db.general, async (tx) => {
      const { payload } = await codes.consumeLink(tx, link)
      const { accountId } = payload as unknown as MailPayload
      const before = await lockAccount(tx, { workspaceId: workspace.id, accountId })
      // Whoever made the account without proof may have planted an identity of their own.
      if (before && before.emailVerifiedAt === undefined) await deleteIdentities(tx, before)
      const proven = await markProven(tx, workspace.id, payload as unknown as MailPayload)
      await replacePassword(context, tx, proven, passwordHash)
      return proven
    }),
  )
  await endSessions(context, origin, account.profileId)
  await attempts.clear({ purpose: 'login', workspaceId: workspace.id, subject: subjectOf(nameOf(account)) })
  await settleProfile(context, origin, account)
}

/** Another password ends every session of before but one, and every link that the holder of the old one asked for. */
async function replacePassword(
  { codes }: AccountsContext,
  tx: Transaction,
  account: AccountRow,
  passwordHash: string,
  except?: string,
): Promise<void> {
  const { workspaceId, accountId } = account
  await setAccountPassword(tx, account, passwordHash, now())
  await endAccountSessions(tx, workspaceId, [accountId], now(), except)
  for (const purpose of ['email-change', 'password-reset'] satisfies LinkPurpose[])
    await codes.end(tx, { workspaceId, purpose, subject: accountId })
}

/** Who is logged in, and what they are about to change. */
export interface Owner {
  account: AccountRow
  /** The session that stays. */
  sessionId: string
}

/**
 * Sets another password by the present one; all other sessions end.
 * @throws CDP_PASSWORD_WEAK CDP_PASSWORD_WRONG CDP_ATTEMPTS_BLOCKED
 */
export async function changePassword(
  context: AccountsContext,
  origin: Origin,
  { account, sessionId }: Owner,
  { oldPassword, password }: { oldPassword: string; password: string },
): Promise<void> {
  requireGoodPassword(password, origin.workspace.settings)
  await requirePassword(context, origin, account, oldPassword)
  const passwordHash = await hashPassword(password)
  await guarded(() =>
    inTransaction(context.db.general, async (tx) => {
      await lockAccount(tx, account)
      await replacePassword(context, tx, account, passwordHash, sessionId)
    }),
  )
  await endSessions(context, origin, account.profileId, sessionId)
}

/**
 * Checks the present password of somebody who is logged in; failures are counted with those of logins.
 * @throws CDP_PASSWORD_WRONG CDP_ATTEMPTS_BLOCKED
 */
export async function requirePassword(
  { attempts }: AccountsContext,
  { workspace }: Origin,
  { accountId, passwordHash }: AccountRow,
  password: string | undefined,
): Promise<void> {
  const key = { purpose: 'password', workspaceId: workspace.id, subject: accountId }
  await attempts.take(key)
  const isRight =
    passwordHash !== undefined &&
    password !== undefined &&
    (await verifyPassword(password, passwordHash).catch(async (error: unknown) => {
      await attempts.giveBack(key)
      throw error
    }))
  if (!isRight) throw new CdpError('CDP_PASSWORD_WRONG')
  await attempts.clear(key)
}

/** Ends the sessions of a person, wherever they are. @param except one that stays */
export async function endSessions(
  { profiles, sessions }: AccountsContext,
  { workspace }: Origin,
  profileId: number,
  except?: string,
): Promise<void> {
  const profileIds = await profiles.idsOf(workspace, profileId)
  await sessions.endAll({ workspaceId: workspace.id, profileIds }, except === undefined ? {} : { except })
}
