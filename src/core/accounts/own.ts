import { fromNow, now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { CONSENT_CHANNELS } from '../../model/attributes.ts'
import { changeAccountEmail, deleteAccount, findAccount } from '../../storage/accounts.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import { brokenUniqueConstraint, guarded, inTransaction } from '../../storage/db.ts'
import { endAccountSessions } from '../../storage/sessions.ts'
import { normalizeIdentifier } from '../identity/index.ts'
import { mailboxOf, releaseClaims } from './address.ts'
import type { AccountsContext, Origin } from './context.ts'
import { PIN_LIFE_SECONDS, mailLink } from './mails.ts'
import type { MailPayload } from './mails.ts'
import { endSessions } from './passwords.ts'
import { writeProfile } from './write.ts'

/**
 * Ends an account for ever: the event is on the timeline, every consent is taken back, every session is over. The profile
 * and what it did stay; erasing those is another act.
 */
export async function removeAccount(
  context: AccountsContext,
  origin: Origin,
  account: AccountRow,
): Promise<void> {
  const { words, receivedAt } = origin
  const { workspaceId, accountId } = account
  const own = await context.profiles.get(origin.workspace, account.profileId)
  await writeProfile(context, origin, {
    identifiers: [],
    profileId: own.id,
    consents: CONSENT_CHANNELS.map((channel) => ({ channel, state: 'denied' })),
    event: {
      name: words.deleted,
      occurredAt: receivedAt,
      properties: {},
      // Whoever comes back after a crash in between is not told twice.
      messageId: accountId,
      messageScope: words.deleted,
    },
  })
  await guarded(() =>
    inTransaction(context.db.general, async (tx) => {
      await deleteAccount(tx, account, now())
      await endAccountSessions(tx, workspaceId, [accountId], now())
    }),
  )
  await endSessions(context, origin, own.id)
}

/**
 * Mails a link to the new address of an account; the present one counts until that link was opened.
 * @throws CDP_BODY_INVALID the address can be nobody's; CDP_ATTEMPTS_BLOCKED too often
 */
export async function requestEmailChange(
  context: AccountsContext,
  origin: Origin,
  { accountId }: AccountRow,
  email: string,
): Promise<void> {
  const { workspace } = origin
  const mailbox = mailboxOf(workspace, email)
  await context.attempts.take({ purpose: 'email-change', workspaceId: workspace.id, subject: accountId })
  const mail = { purpose: 'email-change', accountId, email: mailbox } as const
  await guarded(() => inTransaction(context.db.general, (tx) => mailLink(context, tx, origin, mail)))
}

/** What the confirmation of a new address says. */
export interface EmailProof {
  token: string
  /** Whether the person wants mail at the new address; undefined leaves it as it is. */
  wantsMail?: boolean | undefined
  /** The account that confirms; undefined where the link itself does, in a page. */
  accountId?: string | undefined
}

/**
 * A link in a mail to the new address was opened: it is the account's from now on. A profile that held it keeps it, and the
 * account keeps its own profile: two people who are known are never merged by an address.
 * @throws CDP_CODE_INVALID CDP_CODE_EXPIRED CDP_IDENTIFIER_HELD another account has proven that address
 */
export async function confirmEmailChange(
  context: AccountsContext,
  origin: Origin,
  { token, wantsMail, accountId }: EmailProof,
): Promise<void> {
  const { db, codes } = context
  const workspaceId = origin.workspace.id
  const changed = inTransaction(db.general, async (tx) => {
    const used = await codes.consumeLink(tx, { workspaceId, purpose: 'email-change', secret: token })
    const payload = used.payload as unknown as MailPayload
    const account = await findAccount(tx, workspaceId, { accountId: payload.accountId })
    if (!account || (accountId !== undefined && accountId !== account.accountId))
      throw new CdpError('CDP_CODE_INVALID')
    await releaseClaims(tx, account, payload.email)
    await changeAccountEmail(tx, account, payload.email, now())
    return { account, email: payload.email }
  })
  const { account, email } = await guarded(() => changed).catch((error: unknown) => {
    throw brokenUniqueConstraint(error) === undefined ? error : new CdpError('CDP_IDENTIFIER_HELD')
  })
  const own = await context.profiles.get(origin.workspace, account.profileId)
  await writeProfile(context, origin, {
    identifiers: account.emailIsName ? [{ kind: 'email', value: email }] : [],
    profileId: own.id,
    attributes: { values: { email } },
    ...(wantsMail !== undefined && {
      consents: [{ channel: 'email', state: wantsMail ? 'granted' : 'denied' }],
    }),
  })
}

/**
 * Sends a code by text message to the present number of a profile.
 * @param phone the present number, as the person knows it; a profile without one has none to lose, so any is taken
 * @throws CDP_BODY_INVALID it is not the present number; CDP_ATTEMPTS_BLOCKED too often
 */
export async function requestPhoneChange(
  context: AccountsContext,
  origin: Origin,
  profileId: number,
  phone: string,
): Promise<void> {
  const { workspace } = origin
  const wanted = phoneOf(origin, phone, '/phone')
  const { id, attributes } = await context.profiles.get(workspace, profileId)
  const { phone: present } = attributes
  if (typeof present === 'string' && phoneOf(origin, present, '/phone') !== wanted)
    throw new CdpError('CDP_BODY_INVALID', {
      pointer: '/phone',
      detail: 'phone: is not the present number',
    })
  await context.attempts.take({ purpose: 'phone-change', workspaceId: workspace.id, subject: String(id) })
  await guarded(() =>
    inTransaction(context.db.general, async (tx) => {
      const code = await context.codes.issue(tx, {
        workspaceId: workspace.id,
        purpose: 'phone-change',
        subject: String(id),
        payload: {},
        lifeSeconds: PIN_LIFE_SECONDS,
        form: 'sms',
      })
      const values = { code: code.secret, workspace: workspace.name, expires: fromNow(PIN_LIFE_SECONDS) }
      await context.messages.enqueue(tx, {
        workspaceId: workspace.id,
        channel: 'sms',
        template: 'phone-change',
        recipient: wanted,
        values,
      })
    }),
  )
}

/** The number in normal form. @throws CDP_BODY_INVALID */
function phoneOf({ workspace }: Origin, value: string, pointer: string): string {
  const normalized = normalizeIdentifier({ kind: 'phone', value }, workspace.settings)
  if (normalized.outcome === 'usable') return normalized.identifier.value
  throw new CdpError('CDP_BODY_INVALID', { pointer, detail: `${pointer.slice(1)}: is no phone number` })
}

/** What the confirmation of a new number says. */
export interface PhoneProof {
  phone: string
  code: string
  wantsTexts?: boolean | undefined
}

/** The code came back: the profile has the new number. @throws CDP_CODE_INVALID CDP_CODE_TRIES_EXHAUSTED CDP_BODY_INVALID */
export async function confirmPhoneChange(
  context: AccountsContext,
  origin: Origin,
  profileId: number,
  { phone, code, wantsTexts }: PhoneProof,
): Promise<void> {
  const { workspace } = origin
  const wanted = phoneOf(origin, phone, '/phone')
  const { id } = await context.profiles.get(workspace, profileId)
  const place = { workspaceId: workspace.id, purpose: 'phone-change', subject: String(id), secret: code }
  await guarded(() => inTransaction(context.db.general, (tx) => context.codes.consumeTyped(tx, place)))
  await writeProfile(context, origin, {
    identifiers: [],
    profileId: id,
    attributes: { values: { phone: wanted } },
    ...(wantsTexts !== undefined && {
      consents: [{ channel: 'sms', state: wantsTexts ? 'granted' : 'denied' }],
    }),
  })
}
