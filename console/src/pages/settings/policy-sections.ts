import { DATA_GROUPS, RETENTION } from './policy-groups-data.ts'
import { ACCESS_GROUPS, ACCOUNT_GROUPS, PROVIDER_GROUPS } from './policy-groups-people.ts'
import { VENDOR_GROUPS } from './policy-groups-vendors.ts'
import type { PolicySection } from './policy-types.ts'

/** All settings of a workspace, as people look for them. */
export const SECTIONS: readonly PolicySection[] = [
  { id: 'data', label: 'Data', groups: DATA_GROUPS },
  { id: 'keeping', label: 'Keeping', groups: [RETENTION] },
  { id: 'accounts', label: 'Accounts', groups: ACCOUNT_GROUPS },
  { id: 'providers', label: 'Identity providers', groups: PROVIDER_GROUPS },
  { id: 'access', label: 'Access', groups: ACCESS_GROUPS },
  { id: 'vendors', label: 'APIs', groups: VENDOR_GROUPS },
]
