import { ACCOUNT_OPERATIONS, LOGIN_OPERATIONS, REGISTRATION_OPERATIONS } from './accounts/operations.ts'
import { OPEN, implemented } from './operation.ts'
import type { SyneriseOperation } from './operation.ts'

export type { CallerKind, SyneriseOperation } from './operation.ts'

const INFO = 'CLIENT_INFO'

const MANAGEMENT = 'CLIENT_MANAGEMENT'

/** Spellings of one identifier in paths; all are taken everywhere. @source reference 0.19, real-clients 4 */
export const CUSTOM_ID_SPELLINGS = ['by-custom-id', 'by-customid', 'by-customId'] as const

/** The operations that answer, in the order of the reference. @source reference chapters 1 to 4, 7 */
export const OPERATIONS: readonly SyneriseOperation[] = [
  ...LOGIN_OPERATIONS,
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
  ...REGISTRATION_OPERATIONS,
  implemented('refresh-workspace', 'GET /uauth/auth/refresh/profile', 'Refresh a Workspace token', {
    callers: ['W', 'U'],
  }),
  implemented(
    'refresh-workspace-v4',
    'GET /v4/auth/refresh/profile',
    'Refresh a Workspace token (older path)',
    { callers: ['W', 'U'] },
  ),
  implemented('list-clients', 'GET /v4/clients', 'List profiles', {
    callers: ['W', 'U'],
    permission: 'API_LIST_CLIENT_READ',
    role: INFO,
    act: 'read',
  }),
  implemented('create-client', 'POST /v4/clients', 'Create a Profile', {
    callers: ['W', 'U'],
    permission: 'API_CLIENT_CREATE',
    role: MANAGEMENT,
    act: 'create',
  }),
  implemented('batch-clients', 'POST /v4/clients/batch', 'Batch add or update profiles', {
    callers: ['W', 'U'],
    permission: 'API_BATCH_CLIENT_CREATE',
    role: MANAGEMENT,
    act: 'create',
  }),
  implemented('get-client', 'GET /v4/clients/:clientId', 'Get profile data', {
    callers: ['W', 'U'],
    permission: 'API_BY_ID_CLIENT_READ',
    role: INFO,
    act: 'read',
  }),
  implemented('update-client', 'POST /v4/clients/:clientId', 'Update a profile (identify by ID)', {
    callers: ['W', 'U'],
    permission: 'API_BY_ID_CLIENT_UPDATE',
    role: INFO,
    act: 'edit',
  }),
  implemented('delete-client', 'DELETE /v4/clients/:clientId', 'Delete a profile', {
    callers: ['W', 'U'],
    permission: 'API_BY_ID_CLIENT_DELETE',
    role: INFO,
    act: 'delete',
  }),
  implemented(
    'update-client-by-email',
    'POST /v4/clients/by-email/:clientEmail',
    'Update a profile (identify by email)',
    { callers: ['W', 'U'], permission: 'API_BY_EMAIL_CLIENT_UPDATE', role: INFO, act: 'edit' },
  ),
  implemented(
    'update-client-by-custom-id',
    'POST /v4/clients/by-customid/:customId',
    'Update a profile (identify by customId)',
    { callers: ['W', 'U'], permission: 'API_BY_CUSTOM_ID_CLIENT_UPDATE', role: INFO, act: 'edit' },
  ),
  implemented(
    'delete-client-by-custom-id',
    'DELETE /v4/clients/by-custom-id/:customId',
    'Delete a profile (identify by customId)',
    { callers: ['W', 'U'], permission: 'API_BY_ID_CLIENT_DELETE', role: INFO, act: 'delete' },
  ),
  implemented('fetch-client', 'GET /v4/clients/:identifierType/:identifierValue', 'Fetch profile data', {
    callers: ['W', 'U'],
    permission: 'API_BY_IDENTIFIER_CLIENT_READ',
    role: INFO,
    act: 'read',
  }),
  ...ACCOUNT_OPERATIONS,
  implemented('create-transaction', 'POST /v4/transactions', 'Create a transaction', {
    callers: ['W'],
    permission: 'API_TRANSACTION_CREATE',
  }),
  implemented('batch-transactions', 'POST /v4/transactions/batch', 'Batch add or update transactions', {
    callers: ['W'],
    permission: 'API_BATCH_TRANSACTION_CREATE',
  }),
  implemented('list-client-events', 'GET /v4/events/by-client/:clientId', 'Get Profile events as Workspace', {
    callers: ['W', 'U'],
    permission: 'API_LISTING_BY_CLIENT_EVENTS_READ',
    role: 'CLIENT_ACTIVITIES',
    act: 'read',
  }),
  implemented('custom-event', 'POST /v4/events/custom', 'Custom event', {
    callers: ['W', 'U'],
    permission: 'API_CUSTOM_EVENTS_CREATE',
    role: 'CLIENT_ACTIVITIES',
    act: 'create',
  }),
  implemented('batch-events', 'POST /v4/events/batch', 'Batch send events', {
    callers: ['W'],
    permission: 'API_BATCH_EVENTS_CREATE',
  }),
  implemented(
    'check-permissions',
    'POST /uauth/api-key/permission-check',
    'Check the permissions of an API key',
    { callers: ['W'] },
  ),
  implemented('server-time', 'GET /v4/server/time', 'Get server time', OPEN),
]

/** The operation with this id. @throws when the table has none: a route without an entry is a defect */
export function operation(id: string): SyneriseOperation {
  const found = OPERATIONS.find((candidate) => candidate.id === id)
  if (!found) throw new Error(`no operation ${id}`)
  return found
}
