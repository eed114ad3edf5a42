import { OPEN, implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

/** Logins of users and workspaces. @source reference chapter 1, real-clients 1 and 10 */
export const AUTHORIZATION_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('login-user', 'POST /uauth/auth/login/user', 'Log in as User', OPEN),
  implemented(
    'verify-user',
    'POST /uauth/auth/login/user/mfa/verification',
    'Verify User multi-factor authentication',
    { callers: ['U0', 'U1', 'U'] },
  ),
  implemented(
    'select-workspace',
    'POST /uauth/auth/login/user/profile/:businessProfileUUID',
    'Select Workspace',
    { callers: ['U1', 'U'] },
  ),
  implemented('list-workspaces', 'GET /uauth/business-profile', 'Get Workspaces', { callers: ['U1', 'U'] }),
  implemented('current-workspace', 'GET /uauth/business-profile/current', 'Get current Workspace', {
    callers: ['U1', 'U'],
  }),
  implemented('login-workspace', 'POST /uauth/v2/auth/login/profile', 'Log in as Workspace', OPEN),
  implemented(
    'login-workspace-v1',
    'POST /uauth/auth/login/profile',
    'Log in as Workspace (older path)',
    OPEN,
  ),
  implemented('login-workspace-v4', 'POST /v4/auth/login/profile', 'Log in as Workspace (older path)', OPEN),
  implemented('refresh-workspace', 'GET /uauth/auth/refresh/profile', 'Refresh a Workspace token', {
    callers: ['W', 'U'],
  }),
  implemented(
    'refresh-workspace-v4',
    'GET /v4/auth/refresh/profile',
    'Refresh a Workspace token (older path)',
    { callers: ['W', 'U'] },
  ),
  implemented(
    'check-permissions',
    'POST /uauth/api-key/permission-check',
    'Check the permissions of an API key',
    { callers: ['W'] },
  ),
]
