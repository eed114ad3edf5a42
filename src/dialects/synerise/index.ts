/** The Synerise dialect: the profile management API, chapter by chapter. */
import { randomUUID } from 'node:crypto'
import type { Dialect } from '../dialect.ts'
import { registerAccounts } from './accounts/account-routes.ts'
import { registerProfileLogins } from './accounts/login-routes.ts'
import { registerRegistration } from './accounts/registration-routes.ts'
import { registerAuthorization } from './authorization/routes.ts'
import { registerClients } from './clients/routes.ts'
import { registerDevices } from './devices/routes.ts'
import { registerCrm } from './crm/routes.ts'
import { documentation } from './documentation.ts'
import { errorAnswer } from './errors.ts'
import { registerEvents } from './events/routes.ts'
import { registerNotes } from './notes/routes.ts'
import { OPERATIONS, operation } from './operations.ts'
import { registerSegments } from './segments/routes.ts'
import { registerTags } from './tags/routes.ts'
import { registerTrackers } from './trackers/routes.ts'
import { registerTransactions } from './transactions/routes.ts'

/** What profiles may do. */
const OWN_PERMISSIONS = [
  ...new Set(
    OPERATIONS.flatMap(({ callers = [], permission }) =>
      permission !== undefined && callers.some((kind) => kind === 'P' || kind === 'A') ? [permission] : [],
    ),
  ),
]

/** The vendor's API for profiles and events. */
export const synerise: Dialect = {
  name: 'synerise',
  title: 'Synerise',
  prefixes: [
    '/v4',
    '/uauth',
    '/sauth',
    '/crm',
    '/notes-service',
    '/client-exporter',
    '/business-profile-service',
  ],
  operations: OPERATIONS,
  errorAnswer,
  // A path with an identifier in it is not in the ledger, and neither is the query of an import.
  addressOf: ({ operation: id, item }) => {
    if (operation(id).path.includes(':') || id === 'import-clients') return undefined
    const isList = id.startsWith('batch-') && !Array.isArray(item)
    return { params: {}, body: isList ? [item] : item }
  },
  documentation,
  register: (app, services) => {
    registerAuthorization(app, services)
    registerProfileLogins(app, services)
    registerRegistration(app, services)
    registerClients(app, services)
    registerSegments(app, services)
    registerCrm(app, services)
    registerNotes(app, services)
    registerAccounts(app, services)
    registerDevices(app, services)
    registerTags(app, services)
    registerTransactions(app, services)
    registerEvents(app, services)
    registerTrackers(app, services)
  },
  starter: () => {
    const secret = randomUUID()
    const appSecret = randomUUID()
    return {
      keys: [
        { scope: 'workspace', secret, permissions: ['*'] },
        // Ends up in browsers and apps: only what a profile may do about itself.
        { scope: 'profile', secret: appSecret, permissions: OWN_PERMISSIONS },
      ],
      settings: {},
      aside: `Key for apps and browsers, with which people register and log in: ${appSecret}`,
      curl: (baseUrl) =>
        `curl ${baseUrl}/uauth/v2/auth/login/profile -H 'Content-Type: application/json' -d '{"apiKey":"${secret}"}'`,
    }
  },
}
