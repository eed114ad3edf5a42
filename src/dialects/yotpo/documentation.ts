import type { Documentation } from '../../http/openapi/describable.ts'

/** What the OpenAPI document of this dialect says beside its routes. */
export const documentation: Documentation = {
  description: 'The Core API of Yotpo for customers and their events, as Tributary answers it.',
  securitySchemes: {
    token: { type: 'apiKey', in: 'header', name: 'X-Yotpo-Token', description: 'A token of the store.' },
    queryToken: { type: 'apiKey', in: 'query', name: 'access_token', description: 'The same token.' },
  },
  tags: [
    { name: 'Tokens', description: 'Access tokens of a store.', paths: /token/ },
    { name: 'Events', description: 'Customer events.', paths: /customer_events$/ },
    { name: 'Customers', description: 'Customers.', paths: /customers$/ },
  ],
  headersOf: () => ({}),
  refusalsOf: ({ open }) =>
    open
      ? ['CDP_KEY_UNKNOWN', 'CDP_RATE_LIMITED']
      : ['CDP_TOKEN_INVALID', 'CDP_STORE_FOREIGN', 'CDP_WORKSPACE_NOT_FOUND', 'CDP_RATE_LIMITED'],
  unkeyed: [],
  params: { storeId: 'Id of the store, which is its app key.' },
  exampleValues: {
    storeId: 'STORE1',
    secret: 'a-secret-of-the-store',
    access_token: 'Jb8b7Qk4x2yqkM5Y0o3h1zqv9nT6rW2sLdCfGpXaEuI',
  },
}
