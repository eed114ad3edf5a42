import { OPEN, implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

/** Events and the time. @source reference chapter 7 */
export const EVENT_OPERATIONS: readonly SyneriseOperation[] = [
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
  implemented('server-time', 'GET /v4/server/time', 'Get server time', OPEN),
]
