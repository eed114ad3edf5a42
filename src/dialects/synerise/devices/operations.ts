import { implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

/** Devices of profiles. @source reference chapter 5 */
export const DEVICE_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('link-device', 'POST /v4/clients/:clientId/linked-devices', 'Link a device by profile ID', {
    callers: ['W', 'U'],
    permission: 'API_DEVICE_CLIENT_UPDATE',
    role: 'CLIENT_INFO',
    act: 'edit',
  }),
  // The reference names a role here too, but no user may call it.
  implemented(
    'link-device-by-identifier',
    'POST /v4/clients/:identifierType/:identifierValue/linked-devices',
    'Link a device by other parameters',
    { callers: ['W', 'P', 'A'], permission: 'API_BY_IDENTIFY_DEVICE_CLIENT_UPDATE' },
  ),
  implemented(
    'link-own-device',
    'POST /v4/my-account/linked-devices',
    'Link a device to currently logged in profile',
    { callers: ['P'], permission: 'API_PERSONAL_DEVICE_CLIENT_UPDATE' },
  ),
]
