import { now } from '../../lib/time.ts'
import { newUuid } from '../../lib/ids.ts'
import { CdpError } from '../../model/errors.ts'
import { findAccount, lockAccount } from '../../storage/accounts.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Transaction } from '../../storage/db.ts'
import { hashPassword, verifyPassword } from '../access/index.ts'
import type { AttemptKey, SessionDraft } from '../access/index.ts'
import { accountNameOf, subjectOf } from './address.ts'
import type { AccountName, LoginName } from './address.ts'
import type { AccountsContext, App, Login, Origin, PersonData } from './context.ts'
import type { Profile } from '../profiles/index.ts'
import { idIfNobodys, ifFound } from './profile.ts'
import { addressKeys } from './limits.ts'
import { settleProfile } from './prove.ts'
import { requireRequirements } from './requirements.ts'
import { writeProfile } from './write.ts'

/** Who logs in without saying who they are. */
export interface AnonymousLogin {
  uuid?: string | undefined
  deviceId?: string | undefined
}

/**
 * Begins a session of a profile that nobody knows yet. The same uuid is the same profile; a device alone leads back to its
 * profile only while nobody knows whose that is, since devices change hands.
 */
export async function logInAnonymously(
  context: AccountsContext,
  origin: Origin,
  app: App,
  { uuid, deviceId }: AnonymousLogin,
): Promise<Login> {
  const known =
    uuid === undefined && deviceId !== undefined ? await ownerOf(context, origin, deviceId) : undefined
  const profileId = await writeProfile(context, origin, {
    identifiers: known === undefined ? [{ kind: 'uuid', value: uuid ?? newUuid() }] : [],
    ...(known !== undefined && { profileId: known }),
  })
  if (profileId === undefined) throw new CdpError('CDP_LOGIN_FAILED')
  if (deviceId !== undefined && known === undefined)
    await writeProfile(context, origin, { identifiers: [{ kind: 'deviceId', value: deviceId }], profileId })
  return begin(context, origin, app, { kind: 'anonymous', profileId, deviceId })
}

/** The profile of a device, while nobody knows who it is. */
async function ownerOf(
  context: AccountsContext,
  { workspace }: Origin,
  deviceId: string,
): Promise<number | undefined> {
  const found = await ifFound(context.profiles.lookup(workspace, { kind: 'deviceId', value: deviceId }))
  return found && idIfNobodys(context, workspace, found)
}

/** A person who logs in with a password. */
export interface PasswordLogin extends LoginName, Entrance {
  password: string
}

/** What comes with a login. */
export interface Entrance extends AnonymousLogin {
  /** What the person says about themselves; it is written once the login is known to be theirs. */
  data?: PersonData | undefined
}

/**
 * Logs in with a password.
 * @throws CDP_LOGIN_FAILED CDP_ATTEMPTS_BLOCKED CDP_EMAIL_LINK_REQUIRED CDP_EMAIL_PIN_REQUIRED; as {@link enter}
 */
export async function logInByPassword(
  context: AccountsContext,
  origin: Origin,
  app: App,
  login: PasswordLogin,
): Promise<Login> {
  const name = accountNameOf(origin.workspace, login)
  const account = await checkPassword(context, origin, name, login.password)
  requireProof(account)
  return enter(context, origin, app, account, login)
}

/** @throws CDP_EMAIL_LINK_REQUIRED CDP_EMAIL_PIN_REQUIRED the account may do nothing before its mailbox is proven */
export function requireProof({ state }: AccountRow): void {
  if (state === 'inactive') throw new CdpError('CDP_EMAIL_LINK_REQUIRED')
  if (state === 'awaiting_pin') throw new CdpError('CDP_EMAIL_PIN_REQUIRED')
}

/**
 * Begins the session of an account. A uuid that nobody holds becomes the person's; one that another profile holds stays
 * there: whoever knows a uuid must not get at what that profile did.
 * @throws CDP_APPROVAL_REQUIRED CDP_TERMS_REQUIRED CDP_ACCOUNT_MFA_REQUIRED
 */
export async function enter(
  context: AccountsContext,
  origin: Origin,
  app: App,
  account: AccountRow,
  { uuid, deviceId, data }: Entrance,
): Promise<Login> {
  const { workspace } = origin
  const profileId = await settleProfile(context, origin, account)
  const own = await context.profiles.get(workspace, profileId)
  const identifiers = uuid === undefined || holds(own, uuid) ? [] : [{ kind: 'uuid' as const, value: uuid }]
  if (identifiers.length > 0 || data !== undefined)
    await writeProfile(context, origin, { ...data, identifiers, profileId })
  const present = data === undefined ? own : await context.profiles.get(workspace, profileId)
  requireRequirements(workspace.settings, present.attributes)
  const { accountId, email } = account
  const login = { kind: 'profile', profileId, accountId, email, deviceId } as const
  return guarded(() =>
    inTransaction(context.db.general, async (tx) => {
      // What was verified must still hold: another password, or a deletion, may have come in between.
      const locked = await lockAccount(tx, account)
      if (locked?.passwordHash !== account.passwordHash || locked?.email !== email || !locked)
        throw new CdpError('CDP_LOGIN_FAILED')
      return begin(context, origin, app, login, tx)
    }),
  )
}

function holds({ identifiers }: Profile, uuid: string): boolean {
  return identifiers.some(({ kind, value }) => kind === 'uuid' && value === uuid.toLowerCase())
}

type NewSession =
  | { kind: 'anonymous'; profileId: number; deviceId: string | undefined }
  | {
      kind: 'profile'
      profileId: number
      accountId: string
      email: string | undefined
      deviceId: string | undefined
    }

async function begin(
  { sessions }: AccountsContext,
  { workspace }: Origin,
  { keyId }: App,
  login: NewSession,
  tx?: Transaction,
): Promise<Login> {
  const draft: SessionDraft = {
    kind: login.kind,
    workspaceId: workspace.id,
    userId: undefined,
    profileId: login.profileId,
    accountId: login.kind === 'profile' ? login.accountId : undefined,
    apiKeyId: keyId,
    deviceId: login.deviceId,
    confirmedAt: undefined,
    expiresAt: now() + workspace.settings.tokenLifeSeconds * 1000,
  }
  const session = await sessions.begin(draft, tx)
  return { session, profileId: login.profileId, email: login.kind === 'profile' ? login.email : undefined }
}

/** Makes the work for a name that nobody has the same as for one that somebody has. */
const nobodysHash = hashPassword(newUuid())

/**
 * The account that a password opens. Failures slow down the name and the address.
 * @throws CDP_LOGIN_FAILED CDP_ATTEMPTS_BLOCKED
 */
async function checkPassword(
  { db, attempts }: AccountsContext,
  origin: Origin,
  name: AccountName,
  password: string,
): Promise<AccountRow> {
  const { workspace } = origin
  const byName: AttemptKey = { purpose: 'login', workspaceId: workspace.id, subject: subjectOf(name) }
  const byAddress = addressKeys(origin, 'login')
  await attempts.take(byName, ...byAddress)
  const account = await guarded(() => findAccount(db.general, workspace.id, name))
  const isRight = await verifyPassword(password, account?.passwordHash ?? (await nobodysHash)).catch(
    async (error: unknown) => {
      // Nothing was tried: the machine is busy.
      await attempts.giveBack(byName, ...byAddress)
      throw error
    },
  )
  if (!account?.passwordHash || !isRight) throw new CdpError('CDP_LOGIN_FAILED')
  await attempts.clear(byName)
  await attempts.giveBack(...byAddress)
  return account
}
