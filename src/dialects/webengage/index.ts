/** The WebEngage dialect: users and events, in bulk and one by one. */
import { newSecret } from '../../lib/ids.ts'
import { inList } from '../../http/replay.ts'
import type { RejectedItem, ReplayAddress } from '../../http/replay.ts'
import type { Dialect } from '../dialect.ts'
import { documentation } from './documentation.ts'
import { errorAnswer } from './errors.ts'
import { register } from './routes.ts'

const PREFIX = '/v1/accounts'

/** Every operation of the vendor's REST API for users and events. */
export const webengage: Dialect = {
  name: 'webengage',
  title: 'WebEngage',
  prefixes: [PREFIX],
  operations: [
    {
      id: 'bulk-users',
      method: 'POST',
      path: `${PREFIX}/:licenseCode/bulk-users`,
      title: 'Create or update up to 25 users',
    },
    {
      id: 'bulk-events',
      method: 'POST',
      path: `${PREFIX}/:licenseCode/bulk-events`,
      title: 'Track up to 25 events',
    },
    {
      id: 'create-user',
      method: 'POST',
      path: `${PREFIX}/:licenseCode/users`,
      title: 'Create or update a user',
    },
    {
      id: 'update-user',
      method: 'PUT',
      path: `${PREFIX}/:licenseCode/users`,
      title: 'Update a user',
      provenance: 'beyond the reference',
      sources: ['n25a/gowebengage'],
    },
    {
      id: 'create-event',
      method: 'POST',
      path: `${PREFIX}/:licenseCode/events`,
      title: 'Track an event',
    },
  ],
  errorAnswer,
  addressOf,
  documentation,
  register,
  starter: () => {
    const licenseCode = newSecret('').slice(0, 8).replaceAll(/[-_]/g, '0').toLowerCase()
    const secret = newSecret('')
    return {
      keys: [{ scope: 'webengage', secret, permissions: ['*'] }],
      settings: { licenseCode },
      curl: (baseUrl) =>
        `curl ${baseUrl}${PREFIX}/${licenseCode}/users -H 'Authorization: Bearer ${secret}' ` +
        `-H 'Content-Type: application/json' -d '{"userId":"u-1","firstName":"Ana","email":"ana@example.com"}'`,
    }
  },
}

/** Members of the bodies that hold many items. */
const LISTS: Readonly<Record<string, string>> = { 'bulk-users': 'users', 'bulk-events': 'events' }

function addressOf({ operation, item, workspace }: RejectedItem): ReplayAddress | undefined {
  const licenseCode = workspace.settings.dialects['webengage']?.['licenseCode']
  if (typeof licenseCode !== 'string') return undefined
  const list = LISTS[operation]
  return { params: { licenseCode }, body: list === undefined ? item : inList(item, list) }
}
