/** The Pyze dialect: user profiles in batches, and events one by one. */
import { randomBytes } from 'node:crypto'
import { newSecret } from '../../lib/ids.ts'
import { inList } from '../../http/replay.ts'
import type { Dialect } from '../dialect.ts'
import { documentation } from './documentation.ts'
import { errorAnswer } from './errors.ts'
import { register } from './routes.ts'

/** Both operations of the vendor's Enterprise APIs. */
export const pyze: Dialect = {
  name: 'pyze',
  title: 'Pyze',
  prefixes: ['/users', '/v1'],
  operations: [
    {
      id: 'update-profiles',
      method: 'POST',
      path: '/users/profile',
      title: 'Create or update user profiles',
    },
    {
      id: 'track-event',
      method: 'POST',
      path: '/v1/events',
      title: 'Send an event',
    },
  ],
  errorAnswer,
  addressOf: ({ operation, item }) => ({
    params: {},
    body: operation === 'update-profiles' ? inList(item, 'user_profiles') : item,
  }),
  documentation,
  register,
  starter: () => {
    // 22 characters, as the vendor's own app keys.
    const appKey = randomBytes(16).toString('base64url')
    const apiKey = newSecret('')
    return {
      keys: [
        { scope: 'pyze', secret: apiKey, permissions: ['*'] },
        { scope: 'pyze', secret: appKey, permissions: ['app'] },
      ],
      settings: { requiresApiKey: true },
      curl: (baseUrl) =>
        `curl ${baseUrl}/v1/events -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' ` +
        `-d '{"type":"event","event":"test-event","userId":"u-1","eventTime":"2024-03-01T10:15:30-07:00","appKey":"${appKey}"}'`,
    }
  },
}
