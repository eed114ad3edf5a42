import { implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

/**
 * The keys of web pages. @source real-clients 10
 * @assumed the name of the permission: the plugins that call it say only that a 403 means a missing one
 */
export const TRACKER_OPERATIONS: readonly SyneriseOperation[] = [
  implemented(
    'get-or-create-tracker',
    'POST /business-profile-service/tracker/get-or-create-by-domain',
    'Get the tracker of a domain, or make it',
    { callers: ['W'], permission: 'TRACKER_CREATE' },
  ),
]
