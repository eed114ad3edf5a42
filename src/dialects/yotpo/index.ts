/** The Yotpo dialect: customers and their events. */
import { newSecret } from '../../lib/ids.ts'
import type { RejectedItem, ReplayAddress } from '../../http/replay.ts'
import type { Dialect } from '../dialect.ts'
import { documentation } from './documentation.ts'
import { errorAnswer } from './errors.ts'
import { register } from './routes.ts'

const STORE = '/core/v3/stores/:storeId'

/** Customer events as the vendor documents them, and what clients need around them. */
export const yotpo: Dialect = {
  name: 'yotpo',
  title: 'Yotpo',
  prefixes: ['/core/v3', '/oauth'],
  operations: [
    {
      id: 'create-token',
      method: 'POST',
      path: `${STORE}/access_tokens`,
      title: 'Get an access token',
      open: true,
      provenance: 'beyond the reference',
      sources: ['magento'],
    },
    {
      id: 'oauth-token',
      method: 'POST',
      path: '/oauth/token',
      title: 'Get an access token (OAuth clients)',
      open: true,
      provenance: 'beyond the reference',
      sources: ['oauth clients'],
    },
    {
      id: 'write-event',
      method: 'PATCH',
      path: `${STORE}/customer_events`,
      title: 'Create or update custom customer event',
      provenance: 'public source',
      sources: ['polymetrics'],
    },
    {
      id: 'create-event',
      method: 'POST',
      path: `${STORE}/customer_events`,
      title: 'Create or update custom customer event (POST)',
      provenance: 'inferred',
    },
    {
      id: 'write-customer',
      method: 'PATCH',
      path: `${STORE}/customers`,
      title: 'Create or update a customer',
      provenance: 'beyond the reference',
      sources: ['magento'],
    },
    {
      id: 'create-customer',
      method: 'POST',
      path: `${STORE}/customers`,
      title: 'Create or update a customer (POST)',
      provenance: 'beyond the reference',
      sources: ['polymetrics'],
    },
    {
      id: 'list-customers',
      method: 'GET',
      path: `${STORE}/customers`,
      title: 'List customers',
      provenance: 'beyond the reference',
      sources: ['guidelines'],
    },
  ],
  errorAnswer,
  addressOf,
  documentation,
  register,
  starter: () => {
    const storeId = newSecret('').slice(0, 16).replaceAll(/[-_]/g, '0')
    const secret = newSecret('')
    return {
      keys: [{ scope: 'yotpo', secret, permissions: ['*'] }],
      settings: { storeId },
      curl: (baseUrl) =>
        `curl ${baseUrl}/core/v3/stores/${storeId}/access_tokens -H 'Content-Type: application/json' ` +
        `-d '{"secret":"${secret}"}'`,
    }
  },
}

/** The ledger holds a customer without its wrapper. */
function addressOf({ operation, item, workspace }: RejectedItem): ReplayAddress | undefined {
  const storeId = workspace.settings.dialects['yotpo']?.['storeId']
  if (typeof storeId !== 'string') return undefined
  return { params: { storeId }, body: operation.endsWith('-customer') ? { customer: item } : item }
}
