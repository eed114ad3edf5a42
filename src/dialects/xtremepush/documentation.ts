import type { Documentation } from '../../http/openapi/describable.ts'

/** What the OpenAPI document of this dialect says beside its routes. */
export const documentation: Documentation = {
  description:
    'The External API of Xtremepush for imports of profiles, tasks and events, as Tributary answers it. The token of the app ' +
    'stands in the body of every call.',
  securitySchemes: {},
  tags: [
    { name: 'Import', description: 'Profiles in batches of rows.', paths: /\/import\// },
    { name: 'Tasks', description: 'Imports that run behind their answer.', paths: /\/task$/ },
    { name: 'Events', description: 'Events, one by one and in batches.', paths: /\/event$/ },
    { name: 'Profiles', description: 'Profiles and their subscriptions.', paths: /\/profile/ },
  ],
  headersOf: () => ({}),
  refusalsOf: ({ id }) =>
    id === 'info-task' ? ['CDP_KEY_UNKNOWN', 'CDP_IMPORT_NOT_FOUND'] : ['CDP_KEY_UNKNOWN'],
  unkeyed: ['info-task', 'list-task', 'list-profile', 'list-profile-subscription'],
  params: {},
  exampleValues: { apptoken: 'YOUR_APPTOKEN', unique: 'u-1', uniqueEmail: 'ana@example.com' },
}
