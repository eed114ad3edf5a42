import type { Documentation } from '../../http/openapi/describable.ts'
import type { ErrorCode } from '../../model/errors.ts'

/** What the OpenAPI document of the native API says beside its routes. */
export const documentation: Documentation = {
  description:
    "Tributary's own API. Errors are problem details (RFC 9457), lists are pages with an opaque cursor, unknown " +
    'members and parameters are refused.',
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', description: 'A key of the scope `native`.' },
  },
  tags: [
    {
      name: 'Profiles',
      description: 'People, with identifiers, attributes and consents.',
      paths: /\/profiles/,
    },
    { name: 'Events', description: 'What people did, and sums over it.', paths: /\/events/ },
    { name: 'Workspace', description: 'What a workspace holds and what it refused.', paths: /^\/api\/v1\// },
  ],
  headersOf: ({ method }) => {
    if (method !== 'PATCH') return {}
    const description =
      'The `ETag` of the profile that was read: refuses the patch of one that was changed since.'
    return { 'If-Match': { required: false, description, example: '"3"' } }
  },
  refusalsOf: ({ id }) => ['CDP_PERMISSION_MISSING', ...(REFUSALS[id] ?? [])],
  // They do not go through the write path, which keeps the keys.
  unkeyed: ['merge-profiles', 'unmerge-profile'],
  errorMediaType: 'application/problem+json',
  exampleValues: {
    id: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    eventId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    credential: 'native:tk_l',
  },
}

/** What only some operations are refused with. */
const REFUSALS: Readonly<Record<string, readonly ErrorCode[]>> = {
  'patch-profile': ['CDP_PRECONDITION_FAILED', 'CDP_ATTRIBUTE_OPERATOR'],
  'merge-profiles': ['CDP_PROFILE_NOT_FOUND'],
  'unmerge-profile': ['CDP_MERGE_NOT_LATEST'],
}
