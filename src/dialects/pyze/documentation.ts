import type { Documentation } from '../../http/openapi/describable.ts'

/** What the OpenAPI document of this dialect says beside its routes. */
export const documentation: Documentation = {
  description: 'The Enterprise APIs of Pyze for user profiles and events, as Tributary answers them.',
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description:
        'An api key. Where the workspace has none, its app key; an event that names it needs no header.',
    },
    basic: { type: 'http', scheme: 'basic', description: 'The same key as the password, with any user.' },
  },
  tags: [
    { name: 'Profiles', description: 'User profiles in batches.', paths: /^\/users/ },
    { name: 'Events', description: 'Events one by one.', paths: /^\/v1/ },
  ],
  headersOf: () => ({}),
  refusalsOf: ({ id }) =>
    id === 'track-event' ? ['CDP_PERMISSION_MISSING'] : ['CDP_IDENTIFIER_HELD', 'CDP_ATTRIBUTE_OPERATOR'],
  unkeyed: [],
  params: {},
  exampleValues: { appKey: 'yz1Jn-0pSnekg58etEQO4A' },
}
