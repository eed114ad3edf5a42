import { implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

const INFO = 'CLIENT_INFO'

const MANAGEMENT = 'CLIENT_MANAGEMENT'

/** Profiles, one by one and in batches. @source reference chapter 3; the last two real-clients 10 */
export const CLIENT_OPERATIONS: readonly SyneriseOperation[] = [
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
  implemented('create-company', 'POST /v4/company-clients', 'Create a company profile in CRM', {
    callers: ['W', 'U'],
    permission: 'API_CLIENT_CREATE',
    role: MANAGEMENT,
    act: 'create',
  }),
  implemented('delete-company', 'DELETE /v4/company-clients/:clientId', 'Delete a company profile', {
    callers: ['W', 'U'],
    permission: 'API_BY_ID_CLIENT_DELETE',
    role: INFO,
    act: 'delete',
  }),
  implemented(
    'merge-by-custom-id',
    'POST /v4/clients/merge/from/custom-ids/:sourceCustomIDs/to/custom-id/:targetCustomID',
    'Merge profiles by customId',
    { callers: ['W'], permission: 'API_MERGEBYCUSTOMID_CLIENT_UPDATE' },
  ),
  implemented(
    'merge-by-id',
    'POST /v4/clients/merge/from/ids/:fromClientIds/to/id/:toClientId',
    'Merge profiles by clientId',
    { callers: ['W'], permission: 'API_MERGE_BY_ID_CLIENT_UPDATE' },
  ),
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
  // @assumed the permissions of the operations that these two do the same as
  implemented('create-client-instantly', 'POST /v4/clients/instant', 'Create a Profile and get its id', {
    callers: ['W', 'U'],
    permission: 'API_CLIENT_CREATE',
    role: MANAGEMENT,
    act: 'create',
  }),
  implemented('import-clients', 'POST /v4/clients/custom-import', 'Import profiles, found by phone too', {
    callers: ['W', 'U'],
    permission: 'API_BATCH_CLIENT_CREATE',
    role: MANAGEMENT,
    act: 'create',
  }),
]

/** A server ends what a person is logged in to. @source reference chapter 3 */
export const CLIENT_LOGOUT_OPERATIONS: readonly SyneriseOperation[] = [
  implemented(
    'logout-client',
    'POST /sauth/management/client/:clientID/logout',
    'Log out a Profile (as User/Workspace)',
    {
      callers: ['W', 'U'],
      permission: 'SAUTH_LOGOUT_CLIENT_CREATE',
      role: 'SETTINGS_CUSTOMERS_IAM',
      act: 'create',
    },
  ),
]
