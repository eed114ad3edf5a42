import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace, WorkspaceSettings } from '../../model/workspace.ts'
import { unsealSecret } from '../access/index.ts'
import {
  confirmAccount,
  findAccount,
  findAccountOfIdentity,
  findIdentities,
  insertAccount,
  insertIdentity,
} from '../../storage/accounts.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import { brokenUniqueConstraint, guarded, inTransaction } from '../../storage/db.ts'
import type { Transaction } from '../../storage/db.ts'
import type { ProvenIdentity } from '../../outbound/identity-providers.ts'
import { normalizeIdentifier } from '../identity/index.ts'
import { releaseClaims } from './address.ts'
import type { AccountsContext, App, Login, Origin, PersonData } from './context.ts'
import { enter, requireProof } from './login.ts'
import type { AnonymousLogin } from './login.ts'
import { askForProof } from './register.ts'
import { writeProfile } from './write.ts'

/** The providers that a workspace may set up. */
export type ProviderName = 'google' | 'apple' | 'facebook' | 'oauth'

/** Somebody who shows a token of a provider. */
export interface ExternalLogin extends AnonymousLogin {
  provider: ProviderName
  token: string
  data?: PersonData | undefined
  /** Makes an account at the first login; otherwise such a login is refused. */
  creates: boolean
}

/**
 * Logs in by a token of an identity provider.
 * @throws CDP_IDENTITY_PROVIDER_UNKNOWN CDP_IDENTITY_INVALID CDP_UPSTREAM_FAILED
 * @throws CDP_ACCOUNT_MISSING no account has this identity, and none is to be made
 * @throws CDP_LOGIN_FAILED the account was deleted
 */
export async function logInExternally(
  context: AccountsContext,
  origin: Origin,
  app: App,
  login: ExternalLogin,
): Promise<Login> {
  const { workspace } = origin
  const identity = await proveIdentity(context, workspace, login)
  const place = { provider: login.provider, subject: identity.subject }
  const find = (): Promise<AccountRow | undefined> =>
    guarded(() => findAccountOfIdentity(context.db.general, workspace.id, place))
  const known = await find()
  if (!known && !login.creates) throw new CdpError('CDP_ACCOUNT_MISSING')
  const account = known ?? (await adopt(context, origin, login, identity)) ?? (await find())
  // Somebody registered the address at this very moment; a moment later it is clear whose it is.
  if (!account) throw new CdpError('CDP_OVERLOADED', { retryAfterSeconds: 1 })
  if (account.state === 'deleted') throw new CdpError('CDP_LOGIN_FAILED')
  requireProof(account)
  // A new account got what came with the login when it was made.
  return enter(context, origin, app, account, { ...login, data: known && login.data })
}

/** Asks the provider. @throws CDP_IDENTITY_PROVIDER_UNKNOWN CDP_IDENTITY_INVALID CDP_UPSTREAM_FAILED */
async function proveIdentity(
  context: AccountsContext,
  workspace: Workspace,
  { provider, token }: Pick<ExternalLogin, 'provider' | 'token'>,
): Promise<ProvenIdentity> {
  const { providers, db, secretKey } = context
  const { google, apple, oauth, facebook } = workspace.settings.identityProviders
  if (provider === 'google' && google) return providers.verifyToken(google, token)
  if (provider === 'apple' && apple) return providers.verifyToken(apple, token)
  if (provider === 'oauth' && oauth) return proveAtOauth(context, workspace, oauth, token)
  if (provider === 'facebook' && facebook) {
    const appSecret = await unsealSecret(db, secretKey, workspace.id, FACEBOOK_SECRET)
    if (appSecret !== undefined) return providers.askDebugToken({ ...facebook, appSecret }, token)
  }
  throw new CdpError('CDP_IDENTITY_PROVIDER_UNKNOWN')
}

/** Name of the workspace's secret that Facebook gave its app. */
const FACEBOOK_SECRET = 'facebook'

/** Name of the workspace's secret of the client that may ask about tokens. */
const OAUTH_SECRET = 'oauth'

/** Who holds an access token; both endpoints are asked where both are known, and must name the same person. */
async function proveAtOauth(
  { providers, db, secretKey }: AccountsContext,
  { id }: Workspace,
  { introspection, userinfoUrl }: NonNullable<WorkspaceSettings['identityProviders']['oauth']>,
  token: string,
): Promise<ProvenIdentity> {
  const clientSecret = introspection && (await unsealSecret(db, secretKey, id, OAUTH_SECRET))
  if (introspection && clientSecret === undefined) throw new CdpError('CDP_IDENTITY_PROVIDER_UNKNOWN')
  const introspected =
    introspection && clientSecret !== undefined
      ? await providers.introspect({ ...introspection, clientSecret }, token)
      : undefined
  const told = userinfoUrl === undefined ? undefined : await providers.askUserinfo({ userinfoUrl }, token)
  const identity = told ?? introspected
  if (!identity || (introspected && introspected.subject !== identity.subject))
    throw new CdpError('CDP_IDENTITY_INVALID')
  return identity
}

/** A token that somebody shows who is logged in; without a provider it is the one that the account logs in with. */
export interface ShownIdentity {
  provider: ProviderName | undefined
  token: string
}

/**
 * Requires that a token proves an identity of the account.
 * @throws as {@link proveIdentity}; CDP_PASSWORD_WRONG it is somebody else's
 */
export async function requireIdentity(
  context: AccountsContext,
  origin: Origin,
  account: AccountRow,
  { provider, token }: ShownIdentity,
): Promise<void> {
  const held = await guarded(() => findIdentities(context.db.general, account))
  const asked = provider ?? (held[0]?.provider as ProviderName | undefined)
  if (asked === undefined) throw new CdpError('CDP_PASSWORD_WRONG')
  const { subject } = await proveIdentity(context, origin.workspace, { provider: asked, token })
  const isHeld = held.some((identity) => identity.provider === asked && identity.subject === subject)
  if (!isHeld) throw new CdpError('CDP_PASSWORD_WRONG')
}

/**
 * The account that an identity belongs to from now on: the one with the proven address, or a new one.
 * @returns undefined when another login of this moment was first
 */
async function adopt(
  context: AccountsContext,
  origin: Origin,
  login: ExternalLogin,
  identity: ProvenIdentity,
): Promise<AccountRow | undefined> {
  const { workspace } = origin
  const email = addressOf(workspace, identity)
  const place = { provider: login.provider, subject: identity.subject }
  const holder = email && (await guarded(() => findAccount(context.db.general, workspace.id, { email })))
  // Whoever registered the address without proof does not get the identity of its owner.
  if (holder && identity.isEmailVerified && holder.emailVerifiedAt !== undefined) {
    const inserted = insertIdentity(context.db.general, holder, place).then(() => holder)
    return unlessSecond(inserted)
  }
  const isFree = !holder || (identity.isEmailVerified && holder.emailVerifiedAt === undefined)
  return create(context, origin, login, {
    place,
    isVerified: identity.isEmailVerified,
    email: isFree ? email : undefined,
  })
}

function addressOf({ settings }: Workspace, { email }: ProvenIdentity): string | undefined {
  if (email === undefined) return undefined
  const unique = { ...settings, emailIdentity: 'unique' } as const
  const normalized = normalizeIdentifier({ kind: 'email', value: email }, unique)
  return normalized.outcome === 'usable' ? normalized.identifier.value : undefined
}

interface NewIdentity {
  place: { provider: string; subject: string }
  email: string | undefined
  isVerified: boolean
}

async function create(
  context: AccountsContext,
  origin: Origin,
  { data, deviceId }: ExternalLogin,
  { place, email, isVerified }: NewIdentity,
): Promise<AccountRow | undefined> {
  const { workspace, words, receivedAt } = origin
  const event = { name: words.registered, occurredAt: receivedAt, properties: {} }
  const profileId = await writeProfile(context, origin, {
    ...data,
    identifiers: [{ kind: 'uuid', value: newUuid() }],
  })
  if (profileId === undefined) throw new CdpError('CDP_LOGIN_FAILED')
  const account: AccountRow = {
    workspaceId: workspace.id,
    accountId: newUuid(),
    profileId,
    email,
    emailIsName: workspace.settings.emailIdentity === 'unique',
    customId: undefined,
    passwordHash: undefined,
    state: email === undefined || isVerified ? 'active' : 'unconfirmed',
    emailVerifiedAt: undefined,
    deviceId,
    createdAt: now(),
  }
  const stored = await unlessSecond(
    inTransaction(context.db.general, (tx) => store(context, tx, origin, { account, place, isVerified })),
  )
  // Who was second leaves an empty profile, but no second registration.
  if (stored) await writeProfile(context, origin, { identifiers: [], profileId, event })
  return stored
}

/** What was stored, or undefined when the same person logged in twice at once and the other login was first. */
async function unlessSecond(stored: Promise<AccountRow>): Promise<AccountRow | undefined> {
  try {
    return await guarded(() => stored)
  } catch (error) {
    if (brokenUniqueConstraint(error) === undefined) throw error
    return undefined
  }
}

async function store(
  context: AccountsContext,
  tx: Transaction,
  origin: Origin,
  { account, place, isVerified }: { account: AccountRow; isVerified: boolean; place: NewIdentity['place'] },
): Promise<AccountRow> {
  const { profileId, email } = account
  if (email !== undefined && isVerified) await releaseClaims(tx, account, email)
  await insertAccount(tx, account)
  await insertIdentity(tx, account, place)
  if (email === undefined) return account
  if (!isVerified) {
    await askForProof(context, tx, origin, account)
    return account
  }
  await confirmAccount(tx, account, { profileId, at: now() })
  return { ...account, emailVerifiedAt: now() }
}
