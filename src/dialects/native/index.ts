/** The native dialect: the product's own API. It also answers whatever no vendor's prefix owns. */
import { newSecret } from '../../lib/ids.ts'
import type { Dialect, Operation } from '../dialect.ts'
import { errorAnswer } from './errors.ts'
import { register } from './routes.ts'

const read = (id: string, path: string, title: string): Operation => ({
  id,
  method: 'GET',
  path: `/api/v1${path}`,
  title,
  status: 'implemented',
})

/** Every operation of the native API. */
export const native: Dialect = {
  name: 'native',
  title: 'Tributary',
  prefixes: ['/api/v1'],
  operations: [
    read('lookup-profile', '/profiles/lookup', 'Find a profile by one of its identifiers'),
    read('get-profile', '/profiles/:profileId', 'Read a profile'),
    read('list-events', '/profiles/:profileId/events', "List a profile's events, newest first"),
    read(
      'list-transactions',
      '/profiles/:profileId/transactions',
      "List a profile's purchases, newest first",
    ),
    read('aggregate-events', '/events/aggregate', 'Count, sum, average, minimum or maximum over events'),
    read('get-stats', '/stats', 'Totals of the workspace'),
    read('list-rejections', '/rejections', 'List what was refused, dropped or ignored'),
  ],
  errorAnswer,
  register,
  starter: () => {
    const secret = newSecret('tk_')
    return {
      keys: [{ scope: 'native', secret, permissions: ['*'] }],
      settings: {},
      curl: (baseUrl) =>
        `curl '${baseUrl}/api/v1/profiles/lookup?kind=userId&value=u-1' -H 'Authorization: Bearer ${secret}'`,
    }
  },
}
