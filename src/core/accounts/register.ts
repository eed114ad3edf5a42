import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { RawIdentifier } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller, Workspace, WorkspaceSettings } from '../../model/workspace.ts'
import { findAccount, insertAccount } from '../../storage/accounts.ts'
import type { AccountRow, AccountState } from '../../storage/accounts.ts'
import { brokenUniqueConstraint, guarded, inTransaction } from '../../storage/db.ts'
import { hashPassword } from '../access/index.ts'
import { accountNameOf, mailboxOf } from './address.ts'
import type { AccountName, LoginName } from './address.ts'
import type { AccountsContext, Origin, PersonData } from './context.ts'
import { FREE_RESETS, addressKeys } from './limits.ts'
import { RESET_LIFE_SECONDS, mailLink, mailPin } from './mails.ts'
import type { MailOrigin } from './mails.ts'
import { requireGoodPassword } from './password-rules.ts'
import { idIfNobodys, ifFound } from './profile.ts'
import { writeProfile } from './write.ts'

/** A person who wants an account. */
export interface Registration extends LoginName {
  password: string
  uuid?: string | undefined
  deviceId?: string | undefined
  data: PersonData
}

/** What an account is before its mailbox is proven, by the workspace's way of confirming. */
const STATES: Readonly<Record<WorkspaceSettings['accountConfirmation'], AccountState>> = {
  automatic: 'active',
  'email-confirmation': 'unconfirmed',
  'email-activation': 'inactive',
  pin: 'awaiting_pin',
}

/**
 * Makes an account. It lives on the caller's own anonymous profile or on a new one, without the e-mail as an identifier,
 * until the mailbox is proven: nobody gets at what a profile holds by naming its address. Only where nothing is confirmed
 * does an address that nobody holds become an identifier at once.
 * @throws CDP_BODY_INVALID CDP_PASSWORD_WEAK CDP_DEVICE_REQUIRED CDP_ATTEMPTS_BLOCKED
 * @throws CDP_EMAIL_LINK_REQUIRED the address is taken or belongs to a known profile: a link was mailed to it
 */
export async function register(
  context: AccountsContext,
  origin: Origin,
  caller: Caller,
  registration: Registration,
): Promise<void> {
  const { workspace } = origin
  const { password, deviceId } = registration
  const name = accountNameOf(workspace, registration)
  requireGoodPassword(password, workspace.settings)
  const mode = workspace.settings.accountConfirmation
  if (mode === 'pin' && !deviceId) throw new CdpError('CDP_DEVICE_REQUIRED')
  const mailbox = mailboxFor(workspace, registration)
  await context.attempts.take(...addressKeys(origin, 'register'))
  // Before anything is looked up, so that a taken name takes no less time than a free one.
  const passwordHash = await hashPassword(password)
  const known = await guarded(() => findAccount(context.db.general, workspace.id, name))
  if (known) return tellOwner(context, origin, known, mode)
  const isKnownPerson = 'email' in name && (await isHeld(context, origin, name.email))
  const state = mode === 'automatic' && isKnownPerson ? 'inactive' : STATES[mode]
  const profileId = await writeOwn(context, origin, caller, { registration, name, mailbox, state })
  await store(context, origin, { registration, name, mailbox, state, passwordHash, profileId })
  await writeProfile(context, origin, {
    identifiers: [],
    profileId,
    event: { name: origin.words.registered, occurredAt: origin.receivedAt, properties: {} },
  })
  if (mode === 'automatic' && isKnownPerson) throw new CdpError('CDP_EMAIL_LINK_REQUIRED')
}

/**
 * Where what proves the account goes to; undefined where nothing is to be proven and no address was given.
 * @throws CDP_BODY_INVALID
 */
function mailboxFor(workspace: Workspace, { email }: Registration): string | undefined {
  if (email !== undefined) return mailboxOf(workspace, email)
  if (workspace.settings.accountConfirmation === 'automatic') return undefined
  throw new CdpError('CDP_BODY_INVALID', { pointer: '/email', detail: 'email: is required' })
}

/** Whether a profile that was there before holds the address. */
async function isHeld({ profiles }: AccountsContext, { workspace }: Origin, email: string): Promise<boolean> {
  return (await ifFound(profiles.lookup(workspace, { kind: 'email', value: email }))) !== undefined
}

/** Whoever registers learns nothing; whoever reads the mailbox gets a link to take the account over with. */
async function tellOwner(
  context: AccountsContext,
  origin: Origin,
  account: AccountRow,
  mode: WorkspaceSettings['accountConfirmation'],
): Promise<void> {
  const { accountId, email } = account
  if (email === undefined) throw new CdpError('CDP_IDENTIFIER_HELD')
  const mail = { purpose: 'password-reset', template: 'account-exists', accountId, email } as const
  const isTooOften = await isBlocked(context, origin, email)
  if (!isTooOften)
    await guarded(() =>
      inTransaction(context.db.general, (tx) =>
        mailLink(context, tx, origin, { ...mail, lifeSeconds: RESET_LIFE_SECONDS }),
      ),
    )
  if (mode === 'automatic') throw new CdpError('CDP_EMAIL_LINK_REQUIRED')
}

/** Whether a name had its mails for now; they count with those of resets, and whoever registers is not told. */
async function isBlocked(
  { attempts }: AccountsContext,
  { workspace }: Origin,
  email: string,
): Promise<boolean> {
  const key = { purpose: 'password-reset', workspaceId: workspace.id, subject: email, free: FREE_RESETS }
  try {
    await attempts.take(key)
    return false
  } catch (error) {
    if (error instanceof CdpError && error.code === 'CDP_ATTEMPTS_BLOCKED') return true
    throw error
  }
}

interface Draft {
  registration: Registration
  name: AccountName
  mailbox: string | undefined
  state: AccountState
}

/** Writes what the person sent about themselves, on a profile that is theirs alone. */
async function writeOwn(
  context: AccountsContext,
  origin: Origin,
  caller: Caller,
  { registration, name, mailbox, state }: Draft,
): Promise<number> {
  const { data, uuid } = registration
  const own = await anonymousProfileOf(context, origin, caller, uuid)
  const { [EMAIL]: _proven, ...values } = data.attributes?.values ?? {}
  const isProvenLater = state !== 'active'
  const identifiers: RawIdentifier[] = [
    ...('customId' in name ? [{ kind: 'userId' as const, value: name.customId }] : []),
    ...('email' in name && !isProvenLater ? [{ kind: 'email' as const, value: name.email }] : []),
  ]
  const fresh = own === undefined ? [{ kind: 'uuid' as const, value: newUuid() }] : []
  const profileId = await writeProfile(context, origin, {
    ...data,
    identifiers: [...identifiers, ...fresh],
    ...(own !== undefined && { profileId: own }),
    onHeld: 'refuse',
    attributes: { values: { ...values, ...mailAttributes(origin, mailbox, state) } },
  })
  if (profileId === undefined) throw new CdpError('CDP_IDENTIFIER_HELD')
  return profileId
}

const EMAIL = 'email'

function mailAttributes(
  { words }: Origin,
  mailbox: string | undefined,
  state: AccountState,
): Record<string, string | boolean> {
  if (state === 'active') return mailbox === undefined ? {} : { [EMAIL]: mailbox }
  return { [words.confirmed]: false }
}

/** The profile that the caller already is, or whose uuid a workspace names: only while nobody knows who it is. */
async function anonymousProfileOf(
  context: AccountsContext,
  { workspace }: Origin,
  { person }: Caller,
  uuid: string | undefined,
): Promise<number | undefined> {
  const { profiles } = context
  const asked = person && 'profileId' in person ? profiles.get(workspace, person.profileId) : undefined
  const named =
    !person && uuid !== undefined ? profiles.lookup(workspace, { kind: 'uuid', value: uuid }) : undefined
  const target = asked ?? named
  const found = target && (await ifFound(target))
  return found && idIfNobodys(context, workspace, found)
}

async function store(
  context: AccountsContext,
  origin: Origin,
  {
    registration,
    name,
    mailbox,
    state,
    passwordHash,
    profileId,
  }: Draft & { passwordHash: string; profileId: number },
): Promise<void> {
  const account: AccountRow = {
    workspaceId: origin.workspace.id,
    accountId: newUuid(),
    profileId,
    email: mailbox,
    emailIsName: 'email' in name,
    customId: 'customId' in name ? name.customId : undefined,
    passwordHash,
    state,
    emailVerifiedAt: undefined,
    deviceId: registration.deviceId,
    createdAt: now(),
  }
  const insert = inTransaction(context.db.general, async (tx) => {
    await insertAccount(tx, account)
    if (mailbox !== undefined) await askForProof(context, tx, origin, account)
  })
  await guarded(() => insert).catch((error: unknown) => {
    // Somebody else took the name a moment before; they are told by their own mail.
    throw brokenUniqueConstraint(error) === undefined ? error : new CdpError('CDP_EMAIL_LINK_REQUIRED')
  })
}

/** Mails what proves the mailbox, again too. */
export async function askForProof(
  context: AccountsContext,
  tx: Parameters<typeof mailLink>[1],
  origin: MailOrigin,
  { accountId, email = '', state }: AccountRow,
): Promise<void> {
  if (state === 'awaiting_pin') await mailPin(context, tx, origin, { accountId, email })
  else if (state === 'inactive')
    await mailLink(context, tx, origin, { purpose: 'activation', accountId, email })
  else if (state === 'unconfirmed')
    await mailLink(context, tx, origin, { purpose: 'email-confirmation', accountId, email })
}
