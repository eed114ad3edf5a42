import type { Documentation } from '../../http/openapi/describable.ts'

/** What the OpenAPI document of this dialect says beside its routes. */
export const documentation: Documentation = {
  description: 'The REST API of WebEngage for users and events, as Tributary answers it.',
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', description: 'An api key of the account.' },
  },
  tags: [
    { name: 'Users', description: 'Users, in bulk and one by one.', paths: /users$/ },
    { name: 'Events', description: 'Events, in bulk and one by one.', paths: /events$/ },
  ],
  headersOf: () => ({}),
  refusalsOf: () => ['CDP_WORKSPACE_NOT_FOUND', 'CDP_RATE_LIMITED'],
  unkeyed: [],
  params: { licenseCode: 'The license code of the workspace.' },
  exampleValues: { licenseCode: 'aa131650' },
}
