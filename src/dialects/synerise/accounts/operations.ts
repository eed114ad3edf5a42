import { OPEN, implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

/** Logins of profiles. @source reference chapter 1; the older paths 0.19 */
export const LOGIN_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('refresh-profile', 'POST /sauth/v3/auth/refresh/client', 'Refresh a Profile token', {
    callers: ['P', 'A'],
  }),
  implemented(
    'refresh-profile-v2',
    'POST /sauth/v2/auth/refresh/client',
    'Refresh a Profile token (older path)',
    { callers: ['P', 'A'] },
  ),
  implemented('login-profile', 'POST /sauth/v3/auth/login/client', 'Authenticate as Profile', OPEN),
  implemented(
    'login-profile-v2',
    'POST /sauth/v2/auth/login/client',
    'Authenticate as Profile (older path)',
    OPEN,
  ),
  implemented(
    'login-profile-conditional',
    'POST /sauth/v3/auth/login/client/conditional',
    'Authenticate as Profile (conditional)',
    OPEN,
  ),
  implemented(
    'login-profile-conditional-v2',
    'POST /sauth/v2/auth/login/client/conditional',
    'Authenticate as Profile (conditional, older path)',
    OPEN,
  ),
  implemented(
    'login-anonymous',
    'POST /sauth/v3/auth/login/client/anonymous',
    'Authenticate anonymously',
    OPEN,
  ),
  implemented(
    'login-anonymous-v2',
    'POST /sauth/v2/auth/login/client/anonymous',
    'Authenticate anonymously (older path)',
    OPEN,
  ),
]

/** @source reference chapter 2 @assumed all paths but the first are inferred */
export const REGISTRATION_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('register-profile', 'POST /sauth/clients/registered', 'Register a Profile', {
    callers: ['A', 'W'],
    permission: 'SAUTH_REGISTER_CLIENT_CREATE',
  }),
  implemented(
    'confirm-registration-pin',
    'POST /sauth/clients/registered/pin-code/confirmation',
    'Confirm registration with PIN code',
    { callers: ['A'], permission: 'SAUTH_PIN_CODE_CONFIRMATION_CLIENT_CREATE' },
  ),
  implemented(
    'resend-registration-pin',
    'POST /sauth/clients/registered/pin-code/resend',
    'Re-send PIN code',
    { callers: ['A'], permission: 'SAUTH_PIN_CODE_RESEND_CLIENT_CREATE' },
  ),
  implemented(
    'activate-account',
    'POST /sauth/clients/registered/confirmation',
    "Activate a Profile's account",
    { callers: ['P', 'A', 'W'], permission: 'SAUTH_CONFIRMATION_CLIENT_CREATE' },
  ),
  implemented(
    'resend-confirmation',
    'POST /sauth/clients/registered/confirmation/resend',
    'Re-send email confirmation',
    { callers: ['P', 'A', 'W'], permission: 'SAUTH_CONFIRMATION_CLIENT_CREATE' },
  ),
]

/** @source reference chapter 4 @assumed the paths of the phone number, of passwords, deletions, the logout and the e-mail but one are inferred */
export const ACCOUNT_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('own-data', 'GET /v4/my-account/personal-information', "Get Profile's own data", {
    callers: ['P'],
    permission: 'API_PERSONAL_INFORMATION_CLIENT_READ',
  }),
  implemented('update-own-data', 'POST /v4/my-account/personal-information', "Update Profile's own data", {
    callers: ['P'],
    permission: 'API_PERSONAL_INFORMATION_CLIENT_UPDATE',
  }),
  implemented(
    'request-phone-change',
    'POST /v4/my-account/phone-update/request',
    'Request profile phone number change',
    { callers: ['P'], permission: 'API_PERSONAL_PHONE_CLIENT_UPDATE' },
  ),
  implemented(
    'confirm-phone-change',
    'POST /v4/my-account/phone-update/confirmation',
    'Confirm profile phone number change',
    { callers: ['P'], permission: 'API_PERSONAL_PHONE_CLIENT_CREATE' },
  ),
  implemented(
    'request-password-reset',
    'POST /sauth/clients/password-reset/request',
    'Request Profile password reset',
    { callers: ['A', 'W'], permission: 'SAUTH_PASSWORD_RESET_CLIENT_CREATE' },
  ),
  implemented(
    'confirm-password-reset',
    'POST /sauth/clients/password-reset/confirmation',
    'Confirm Profile password reset',
    { callers: ['A', 'W'], permission: 'SAUTH_PASSWORD_RESET_CLIENT_CREATE' },
  ),
  implemented('change-password', 'POST /sauth/my-account/change-password', 'Change Profile password', {
    callers: ['P'],
    permission: 'SAUTH_CHANGE_PASSWORD_CLIENT_UPDATE',
  }),
  implemented('delete-account', 'POST /sauth/v2/my-account/delete', 'Delete account', {
    callers: ['P'],
    permission: 'SAUTH_CLIENT_DELETE',
  }),
  implemented(
    'request-email-change',
    'POST /sauth/v2/my-account/email-change/request',
    'Request Profile email change',
    { callers: ['P'], permission: 'SAUTH_EMAIL_CHANGE_CLIENT_UPDATE' },
  ),
  implemented('logout-own', 'POST /sauth/my-account/logout', 'Log out a Profile (as that Profile)', {
    callers: ['P'],
    permission: 'SAUTH_LOGOUT_CLIENT_CREATE',
  }),
  implemented(
    'confirm-email-change',
    'POST /sauth/my-account/email-change/confirmation',
    'Confirm Profile email change',
    { callers: ['P'], permission: 'SAUTH_CHANGE_EMAIL_CLIENT_UPDATE' },
  ),
  implemented(
    'request-email-change-facebook',
    'POST /sauth/my-account/email-change/request-by-facebook',
    'Change Facebook Profile email',
    { callers: ['P'], succeedsWith: 200, permission: 'SAUTH_EMAIL_CHANGE_CLIENT_UPDATE' },
  ),
  implemented(
    'delete-account-oauth',
    'POST /sauth/my-account/delete-by-oauth',
    'Delete Client Account (OAuth) (Deprecated)',
    { callers: ['P'], succeedsWith: 200, permission: 'SAUTH_OAUTH_CLIENT_DELETE' },
  ),
  implemented(
    'delete-account-apple',
    'POST /sauth/my-account/delete-by-apple',
    'Delete Profile account (Sign in with Apple) (Deprecated)',
    { callers: ['P'], succeedsWith: 200, permission: 'SAUTH_APPLE_CLIENT_DELETE' },
  ),
  implemented(
    'delete-account-facebook',
    'POST /sauth/my-account/delete-by-facebook',
    'Delete Facebook Profile Account (Deprecated)',
    { callers: ['P'], succeedsWith: 200, permission: 'SAUTH_FACEBOOK_CLIENT_DELETE' },
  ),
  implemented('delete-account-v1', 'POST /sauth/my-account/delete', 'Delete account (Deprecated)', {
    callers: ['P'],
    permission: 'SAUTH_CLIENT_DELETE',
  }),
  implemented(
    'request-email-change-v1',
    'POST /sauth/my-account/email-change/request',
    'Request Profile email change (Deprecated)',
    { callers: ['P'], permission: 'SAUTH_CHANGE_EMAIL_CLIENT_UPDATE' },
  ),
]
