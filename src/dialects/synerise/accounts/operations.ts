import { OPEN, deprecated, implemented, inferred } from '../operation.ts'
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

/** @source reference chapter 2 */
export const REGISTRATION_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('register-profile', 'POST /sauth/clients/registered', 'Register a Profile', {
    callers: ['A', 'W'],
    permission: 'SAUTH_REGISTER_CLIENT_CREATE',
  }),
  inferred('confirm-registration-pin', 'Confirm registration with PIN code', {
    callers: ['A'],
    permission: 'SAUTH_PIN_CODE_CONFIRMATION_CLIENT_CREATE',
  }),
  inferred('resend-registration-pin', 'Re-send PIN code', {
    callers: ['A'],
    permission: 'SAUTH_PIN_CODE_RESEND_CLIENT_CREATE',
  }),
  inferred('activate-account', "Activate a Profile's account", {
    callers: ['P', 'A', 'W'],
    permission: 'SAUTH_CONFIRMATION_CLIENT_CREATE',
  }),
  inferred('resend-confirmation', 'Re-send email confirmation', {
    callers: ['P', 'A', 'W'],
    permission: 'SAUTH_CONFIRMATION_CLIENT_CREATE',
  }),
]

/** @source reference chapter 4 */
export const ACCOUNT_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('own-data', 'GET /v4/my-account/personal-information', "Get Profile's own data", {
    callers: ['P'],
    permission: 'API_PERSONAL_INFORMATION_CLIENT_READ',
  }),
  implemented('update-own-data', 'POST /v4/my-account/personal-information', "Update Profile's own data", {
    callers: ['P'],
    permission: 'API_PERSONAL_INFORMATION_CLIENT_UPDATE',
  }),
  inferred('request-phone-change', 'Request profile phone number change', {
    callers: ['P'],
    permission: 'API_PERSONAL_PHONE_CLIENT_UPDATE',
  }),
  inferred('confirm-phone-change', 'Confirm profile phone number change', {
    callers: ['P'],
    permission: 'API_PERSONAL_PHONE_CLIENT_CREATE',
  }),
  inferred('request-password-reset', 'Request Profile password reset', {
    callers: ['A', 'W'],
    permission: 'SAUTH_PASSWORD_RESET_CLIENT_CREATE',
  }),
  inferred('confirm-password-reset', 'Confirm Profile password reset', {
    callers: ['A', 'W'],
    permission: 'SAUTH_PASSWORD_RESET_CLIENT_CREATE',
  }),
  inferred('change-password', 'Change Profile password', {
    callers: ['P'],
    permission: 'SAUTH_CHANGE_PASSWORD_CLIENT_UPDATE',
  }),
  inferred('delete-account', 'Delete account', {
    callers: ['P'],
    permission: 'SAUTH_CLIENT_DELETE',
  }),
  inferred('request-email-change', 'Request Profile email change', {
    callers: ['P'],
    permission: 'SAUTH_EMAIL_CHANGE_CLIENT_UPDATE',
  }),
  inferred('logout-own', 'Log out a Profile (as that Profile)', {
    callers: ['P'],
    permission: 'SAUTH_LOGOUT_CLIENT_CREATE',
  }),
  inferred('confirm-email-change', 'Confirm Profile email change', {
    callers: ['P'],
    permission: 'SAUTH_CHANGE_EMAIL_CLIENT_UPDATE',
  }),
  inferred('request-email-change-facebook', 'Change Facebook Profile email', {
    callers: ['P'],
    succeedsWith: 200,
    permission: 'SAUTH_EMAIL_CHANGE_CLIENT_UPDATE',
  }),
  inferred('delete-account-oauth', 'Delete Client Account (OAuth) (Deprecated)', {
    ...deprecated('delete-account'),
    callers: ['P'],
    succeedsWith: 200,
    permission: 'SAUTH_OAUTH_CLIENT_DELETE',
  }),
  inferred('delete-account-apple', 'Delete Profile account (Sign in with Apple) (Deprecated)', {
    ...deprecated('delete-account'),
    callers: ['P'],
    succeedsWith: 200,
    permission: 'SAUTH_APPLE_CLIENT_DELETE',
  }),
  inferred('delete-account-facebook', 'Delete Facebook Profile Account (Deprecated)', {
    ...deprecated('delete-account'),
    callers: ['P'],
    succeedsWith: 200,
    permission: 'SAUTH_FACEBOOK_CLIENT_DELETE',
  }),
  inferred('delete-account-v1', 'Delete account (Deprecated)', {
    ...deprecated('delete-account'),
    callers: ['P'],
    permission: 'SAUTH_CLIENT_DELETE',
  }),
  implemented(
    'request-email-change-v1',
    'POST /sauth/my-account/email-change/request',
    'Request Profile email change (Deprecated)',
    { ...deprecated('request-email-change'), callers: ['P'], permission: 'SAUTH_CHANGE_EMAIL_CLIENT_UPDATE' },
  ),
]
