import { implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

const BOTH = ['W', 'U'] as const

const DETAILS = {
  callers: BOTH,
  permission: 'CRM_DETAILS_CLIENT_READ',
  role: 'CLIENT_INFO',
  act: 'read',
} as const

const LIST = { callers: BOTH, permission: 'CRM_LIST_CLIENT_READ', role: 'CLIENT_LIST', act: 'read' } as const

const UPDATE = {
  callers: BOTH,
  permission: 'CRM_CLIENT_UPDATE',
  role: 'CLIENT_MANAGEMENT',
  act: 'edit',
} as const

const company = '/crm/v1/company-clients'

/** Profiles as the vendor's own screens read them, and companies. @source reference chapter 3 */
export const CRM_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('crm-details', 'GET /crm/v1/clients/:clientId/contacts', 'Get Profile details', DETAILS),
  implemented('crm-update', 'PUT /crm/v1/contacts/:clientId', 'Update Profile', UPDATE),
  implemented('crm-list', 'GET /crm/v1/list', 'List Profiles', LIST),
  implemented('crm-autocomplete', 'GET /crm/v1/autocomplete', 'Get autocomplete suggestions', {
    ...LIST,
    permission: 'CRM_LIST_AUTOCOMPLETE_CLIENT_READ',
  }),
  implemented(
    'crm-update-company',
    `PUT ${company}/:clientId`,
    'Update Profile identified as company',
    UPDATE,
  ),
  implemented('crm-mark-company', `POST ${company}/:clientId`, 'Identify Profile as a company', UPDATE),
  implemented(
    'crm-company-details',
    `GET ${company}/:clientId/contacts`,
    'Get details of Profile identified as company',
    DETAILS,
  ),
  implemented('crm-list-companies', `GET ${company}`, 'List Profiles identified as companies', LIST),
  implemented('crm-company-members', `GET ${company}/:clientId/relations`, 'List Profiles from company', {
    ...LIST,
    alsoPermission: DETAILS.permission,
  }),
  implemented('crm-company-of-profile', 'GET /crm/v1/clients/:clientId/company', "Get Profile's company", {
    ...DETAILS,
    role: 'CLIENT_LIST',
  }),
  implemented(
    'crm-company-identifier',
    'GET /crm/v1/company-clients-identifier',
    'Gets company identifier attribute',
    LIST,
  ),
  implemented(
    'crm-last-activity',
    'GET /crm/v1/clients/:clientId/last-activity',
    "Get Profile's last activity date",
    DETAILS,
  ),
]
