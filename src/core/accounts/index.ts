/** Accounts: how the people in a workspace register, log in and look after themselves. */
import { findAccount } from '../../storage/accounts.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import { guarded } from '../../storage/db.ts'
import type { Caller } from '../../model/workspace.ts'
import { CdpError } from '../../model/errors.ts'
import type { AccountsContext, App, Login, Origin } from './context.ts'
import { evenly } from './evenly.ts'
import { logInExternally, requireIdentity } from './external.ts'
import type { ExternalLogin, ShownIdentity } from './external.ts'
import { showLink, useLink } from './links.ts'
import type { LinkUse, ShownLink } from './links.ts'
import { logInAnonymously, logInByPassword } from './login.ts'
import type { AnonymousLogin, PasswordLogin } from './login.ts'
import {
  confirmEmailChange,
  confirmPhoneChange,
  removeAccount,
  requestEmailChange,
  requestPhoneChange,
} from './own.ts'
import type { EmailProof, PhoneProof } from './own.ts'
import { changePassword, confirmReset, endSessions, requestReset, requirePassword } from './passwords.ts'
import type { Owner } from './passwords.ts'
import { confirmByLink, confirmByPin, resendProof } from './prove.ts'
import type { PinProof } from './prove.ts'
import { register } from './register.ts'
import type { Registration } from './register.ts'
import type { LoginName } from './address.ts'
import type { LinkPurpose } from './mails.ts'

export type { AccountsContext, App, Login, Origin, PersonData } from './context.ts'
export type { AccountRow } from '../../storage/accounts.ts'
export type { ProviderName } from './external.ts'
export type { LoginName } from './address.ts'
export type { LinkUse, ShownLink } from './links.ts'
export { LINK_PURPOSES } from './mails.ts'
export { withoutRequirements } from './requirements.ts'
export type { LinkPurpose } from './mails.ts'
export type { Registration } from './register.ts'

/** What people can do about their accounts. Every call is inside one workspace. */
export interface Accounts {
  /** See {@link logInAnonymously}. */
  logInAnonymously(origin: Origin, app: App, login: AnonymousLogin): Promise<Login>
  /** See {@link logInByPassword}. */
  logInByPassword(origin: Origin, app: App, login: PasswordLogin): Promise<Login>
  /** See {@link logInExternally}. */
  logInExternally(origin: Origin, app: App, login: ExternalLogin): Promise<Login>
  /** See {@link requireIdentity}. */
  requireIdentity(origin: Origin, account: AccountRow, shown: ShownIdentity): Promise<void>
  /** See {@link register}. */
  register(origin: Origin, caller: Caller, registration: Registration): Promise<void>
  /** See {@link confirmByLink}. */
  confirmByLink(origin: Origin, token: string): Promise<void>
  /** See {@link showLink}. */
  showLink(purpose: LinkPurpose, token: string): Promise<ShownLink>
  /** See {@link useLink}. */
  useLink(use: LinkUse): Promise<void>
  /** See {@link confirmByPin}. */
  confirmByPin(origin: Origin, proof: PinProof): Promise<void>
  /** See {@link resendProof}. */
  resendProof(
    origin: Origin,
    request: LoginName & { deviceId?: string | undefined; onlyPin: boolean },
  ): Promise<void>
  /** See {@link requestReset}. */
  requestReset(origin: Origin, request: LoginName): Promise<void>
  /** See {@link confirmReset}. */
  confirmReset(origin: Origin, proof: { token: string; password: string }): Promise<void>
  /** See {@link changePassword}. */
  changePassword(
    origin: Origin,
    owner: Owner,
    passwords: { oldPassword: string; password: string },
  ): Promise<void>
  /** See {@link requirePassword}. */
  requirePassword(origin: Origin, account: AccountRow, password: string | undefined): Promise<void>
  /** See {@link removeAccount}. */
  remove(origin: Origin, account: AccountRow): Promise<void>
  /** See {@link requestEmailChange}. */
  requestEmailChange(origin: Origin, account: AccountRow, email: string): Promise<void>
  /** See {@link confirmEmailChange}. */
  confirmEmailChange(origin: Origin, proof: EmailProof): Promise<void>
  /** See {@link requestPhoneChange}. */
  requestPhoneChange(origin: Origin, profileId: number, phone: string): Promise<void>
  /** See {@link confirmPhoneChange}. */
  confirmPhoneChange(origin: Origin, profileId: number, proof: PhoneProof): Promise<void>
  /** Ends every session of a profile. */
  endSessions(origin: Origin, profileId: number): Promise<void>
  /** The account of a caller. @throws CDP_TOKEN_INVALID it is gone */
  get(origin: Origin, accountId: string): Promise<AccountRow>
}

/** Opens the accounts. */
export function openAccounts(context: AccountsContext): Accounts {
  const get: Accounts['get'] = async ({ workspace }, accountId) => {
    const account = await guarded(() => findAccount(context.db.general, workspace.id, { accountId }))
    if (!account) throw new CdpError('CDP_TOKEN_INVALID')
    return account
  }
  return {
    logInAnonymously: (...given) => logInAnonymously(context, ...given),
    logInByPassword: (...given) => logInByPassword(context, ...given),
    logInExternally: (...given) => logInExternally(context, ...given),
    requireIdentity: (...given) => requireIdentity(context, ...given),
    // Whatever names an account without proof of it answers evenly.
    register: (...given) => evenly(() => register(context, ...given)),
    confirmByLink: (...given) => confirmByLink(context, ...given),
    showLink: (...given) => showLink(context, ...given),
    useLink: (...given) => useLink(context, ...given),
    confirmByPin: (...given) => evenly(() => confirmByPin(context, ...given)),
    resendProof: (...given) => evenly(() => resendProof(context, ...given)),
    requestReset: (...given) => evenly(() => requestReset(context, ...given)),
    confirmReset: (...given) => confirmReset(context, ...given),
    changePassword: (...given) => changePassword(context, ...given),
    requirePassword: (...given) => requirePassword(context, ...given),
    remove: (...given) => removeAccount(context, ...given),
    requestEmailChange: (...given) => requestEmailChange(context, ...given),
    confirmEmailChange: (...given) => confirmEmailChange(context, ...given),
    requestPhoneChange: (...given) => requestPhoneChange(context, ...given),
    confirmPhoneChange: (...given) => confirmPhoneChange(context, ...given),
    endSessions: (...given) => endSessions(context, ...given),
    get,
  }
}
