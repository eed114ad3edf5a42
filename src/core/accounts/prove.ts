import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { confirmAccount, findAccount, moveAccount } from '../../storage/accounts.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Transaction } from '../../storage/db.ts'
import { accountNameOf, releaseClaims, subjectOf } from './address.ts'
import type { LoginName } from './address.ts'
import type { AccountsContext, Origin } from './context.ts'
import { addressKeys } from './limits.ts'
import type { LinkPurpose, MailPayload } from './mails.ts'
import { askForProof } from './register.ts'
import type { Profile } from '../profiles/index.ts'
import { writeProfile } from './write.ts'

/** A PIN that somebody typed. */
export interface PinProof extends LoginName {
  pin: string
  deviceId: string | undefined
}

const CONFIRMING: readonly LinkPurpose[] = ['activation', 'email-confirmation']

/** A link in a mail was opened: the mailbox is proven. @throws CDP_CODE_INVALID CDP_CODE_EXPIRED */
export async function confirmByLink(context: AccountsContext, origin: Origin, token: string): Promise<void> {
  const { db, codes } = context
  const workspaceId = origin.workspace.id
  const purpose = await purposeOf(context, workspaceId, token)
  const account = await guarded(() =>
    inTransaction(db.general, async (tx) => {
      const { payload } = await codes.consumeLink(tx, { workspaceId, purpose, secret: token })
      return markProven(tx, workspaceId, payload as unknown as MailPayload)
    }),
  )
  await settleProfile(context, origin, account)
}

async function purposeOf(
  { codes }: AccountsContext,
  workspaceId: number,
  secret: string,
): Promise<LinkPurpose> {
  for (const purpose of CONFIRMING) {
    const found = await codes.peek({ workspaceId, purpose, secret }).catch((error: unknown) => {
      if (error instanceof CdpError && error.code === 'CDP_CODE_INVALID') return undefined
      throw error
    })
    if (found) return purpose
  }
  throw new CdpError('CDP_CODE_INVALID')
}

/**
 * A PIN came back from the device that registered: the mailbox is proven.
 * @throws CDP_CODE_INVALID also for an unknown account and for another device; CDP_CODE_TRIES_EXHAUSTED
 * @throws CDP_ATTEMPTS_BLOCKED
 */
export async function confirmByPin(context: AccountsContext, origin: Origin, proof: PinProof): Promise<void> {
  const { db, codes } = context
  const { workspace } = origin
  const name = accountNameOf(workspace, proof)
  const tried = { purpose: 'pin', workspaceId: workspace.id, subject: subjectOf(name), free: FREE_PINS }
  await context.attempts.take(tried, ...addressKeys(origin, 'pin'))
  const found = await guarded(() => findAccount(db.general, workspace.id, name))
  if (found?.state !== 'awaiting_pin' || found.deviceId !== proof.deviceId)
    throw new CdpError('CDP_CODE_INVALID')
  const place = { workspaceId: workspace.id, purpose: 'pin', subject: found.accountId, secret: proof.pin }
  const account = await guarded(() =>
    inTransaction(db.general, async (tx) => {
      const { payload } = await codes.consumeTyped(tx, place)
      return markProven(tx, workspace.id, payload as unknown as MailPayload)
    }),
  )
  await context.attempts.clear(tried)
  await settleProfile(context, origin, account)
}

/** Wrong PINs for one name that cost nothing, over all the PINs that it was mailed. */
const FREE_PINS = 20

/** Mails to one name that cost nothing. */
const FREE_RESENDS = 3

/**
 * Mails the link or the PIN again; nothing tells whether there is such an account.
 * @throws CDP_BODY_INVALID CDP_ATTEMPTS_BLOCKED too often
 */
export async function resendProof(
  context: AccountsContext,
  origin: Origin,
  request: LoginName & { deviceId?: string | undefined; onlyPin: boolean },
): Promise<void> {
  const { workspace } = origin
  const name = accountNameOf(workspace, request)
  const subject = 'email' in name ? name.email : name.customId
  const byName = { purpose: 'resend', workspaceId: workspace.id, subject, free: FREE_RESENDS }
  await context.attempts.take(byName, ...addressKeys(origin, 'resend'))
  const account = await guarded(() => findAccount(context.db.general, workspace.id, name))
  const isPin = account?.state === 'awaiting_pin'
  if (account?.email === undefined || isPin !== request.onlyPin) return
  if (isPin && account.deviceId !== request.deviceId) return
  await guarded(() => inTransaction(context.db.general, (tx) => askForProof(context, tx, origin, account)))
}

/**
 * Notes that an account's mailbox is proven, inside the transaction that used the proof up. Whoever claimed the same address
 * without proof loses it.
 * @throws CDP_CODE_INVALID the account is gone, or has another address by now
 */
export async function markProven(
  tx: Transaction,
  workspaceId: number,
  { accountId, email }: MailPayload,
): Promise<AccountRow> {
  const account = await findAccount(tx, workspaceId, { accountId })
  if (account?.email !== email) throw new CdpError('CDP_CODE_INVALID')
  await releaseClaims(tx, account, email)
  await confirmAccount(tx, account, { profileId: account.profileId, at: now() })
  return { ...account, state: 'active', emailVerifiedAt: now() }
}

/**
 * Brings a proven account onto the profile that holds its address: what was known of the person and what the account sent
 * itself become one. Safe to repeat; a login does it again, in case a crash came before.
 * @returns the profile that the account lives on
 */
export async function settleProfile(
  context: AccountsContext,
  origin: Origin,
  account: AccountRow,
): Promise<number> {
  const { db, profiles } = context
  const { email } = account
  const own = await profiles.get(origin.workspace, account.profileId)
  if (email === undefined || account.emailVerifiedAt === undefined || isSettled(account, own, origin))
    return own.id
  const asked = Object.hasOwn(own.attributes, origin.words.confirmed)
  const joined = await writeProfile(context, origin, {
    identifiers: account.emailIsName ? [{ kind: 'email', value: email }] : [],
    profileId: own.id,
    identityRule: 'exclusive',
    attributes: { values: { email, ...(asked && { [origin.words.confirmed]: true }) } },
  })
  if (joined === undefined || joined === account.profileId) return own.id
  await guarded(() => moveAccount(db.general, account, joined))
  return joined
}

/** Where addresses name nobody, the attribute is written once: what others say of the person later stays. */
function isSettled({ email, emailIsName }: AccountRow, own: Profile, { words }: Origin): boolean {
  if (emailIsName) return own.identifiers.some(({ kind, value }) => kind === 'email' && value === email)
  return own.attributes[words.confirmed] !== false && own.attributes['email'] !== undefined
}
