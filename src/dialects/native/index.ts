/** The native dialect: the product's own API. It also answers whatever no vendor's prefix owns. */
import { newSecret } from '../../lib/ids.ts'
import { rowMapper } from '../../core/imports/index.ts'
import { inList } from '../../http/replay.ts'
import type { Dialect } from '../dialect.ts'
import { documentation } from './documentation.ts'
import { errorAnswer } from './errors.ts'
import { NATIVE_OPERATIONS } from './operations.ts'
import { register } from './routes.ts'

/** Every operation of the native API. */
export const native: Dialect = {
  name: 'native',
  title: 'Tributary',
  prefixes: ['/api/v1'],
  operations: NATIVE_OPERATIONS,
  imports: [rowMapper],
  errorAnswer,
  // The paths of the others name a profile, which the ledger does not know.
  addressOf: ({ operation: id, item }) =>
    id === 'create-events' || id === 'write-profiles'
      ? { params: {}, body: inList(item, 'items') }
      : undefined,
  documentation,
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
