import { OPEN, implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'
import { EVENT_TYPES, operationOfType } from './types.ts'

/** Events and the time. @source reference chapter 7 */
export const EVENT_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('list-client-events', 'GET /v4/events/by-client/:clientId', 'Get Profile events as Workspace', {
    callers: ['W', 'U'],
    permission: 'API_LISTING_BY_CLIENT_EVENTS_READ',
    role: 'CLIENT_ACTIVITIES',
    act: 'read',
  }),
  implemented('list-own-events', 'GET /v4/events', "Get Profile's own events", {
    callers: ['P'],
    permission: 'API_LISTING_CLIENT_OWN_EVENTS_READ',
  }),
  // @assumed whoever may read the events of every profile may read those of all
  implemented('list-all-events', 'GET /v4/events/all', 'Get events of the workspace', {
    callers: ['W', 'U'],
    permission: 'API_LISTING_BY_CLIENT_EVENTS_READ',
    role: 'CLIENT_ACTIVITIES',
    act: 'read',
  }),
  ...EVENT_TYPES.map(operationOfType),
  implemented('batch-events', 'POST /v4/events/batch', 'Batch send events', {
    callers: ['W', 'P', 'A'],
    permission: 'API_BATCH_EVENTS_CREATE',
  }),
  implemented('server-time', 'GET /v4/server/time', 'Get server time', OPEN),
]
