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
    {
      name: 'Administration',
      description: 'Workspaces and their settings, browser sessions.',
      paths: /\/(workspaces|session)/,
    },
    {
      name: 'Messages',
      description: 'Mail and text messages to people, and what they say.',
      paths: /\/(outbox|messages|message-templates)/,
    },
    { name: 'Workspace', description: 'What a workspace holds and what it refused.', paths: /^\/api\/v1\// },
  ],
  headersOf: ({ method, path }) => {
    const isChecked = method === 'PATCH' || (method === 'DELETE' && path.includes('/workspaces/'))
    if (!isChecked) return {}
    const description = 'The `ETag` of what was read: refuses to change what was changed since.'
    return { 'If-Match': { required: false, description, example: '"3"' } }
  },
  refusalsOf: ({ id }) => ['CDP_PERMISSION_MISSING', ...(REFUSALS[id] ?? [])],
  // A cookie stores nothing, an entry is sent again once, whatever the key, and the rest ends the same done twice.
  unkeyed: [
    'create-session',
    'delete-session',
    'replay-rejection',
    'retry-message',
    'put-message-template',
    'delete-message-template',
    'preview-message-template',
  ],
  errorMediaType: 'application/problem+json',
  exampleValues: {
    id: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    eventId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    guid: '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
    messageId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    rejectionId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    secret: 'tk_live_example',
    credential: 'native:tk_l',
  },
}

/** What only some operations are refused with. */
const REFUSALS: Readonly<Record<string, readonly ErrorCode[]>> = {
  'patch-profile': ['CDP_PRECONDITION_FAILED', 'CDP_ATTRIBUTE_OPERATOR'],
  'merge-profiles': ['CDP_PROFILE_NOT_FOUND'],
  'unmerge-profile': ['CDP_MERGE_NOT_LATEST'],
  'get-message': ['CDP_MESSAGE_NOT_FOUND'],
  'retry-message': ['CDP_MESSAGE_NOT_FOUND', 'CDP_MESSAGE_NOT_RETRYABLE'],
  'send-test-message': ['CDP_RECIPIENT_INVALID'],
  'get-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND'],
  'put-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND', 'CDP_MESSAGE_TEMPLATE_INVALID'],
  'delete-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND'],
  'preview-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND', 'CDP_MESSAGE_TEMPLATE_INVALID'],
}
