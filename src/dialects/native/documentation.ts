import type { Documentation } from '../../http/openapi/describable.ts'
import type { ErrorCode } from '../../model/errors.ts'

const UNKEYED = [
  'confirm-login',
  'select-workspace',
  'log-out',
  'enrol-totp',
  'confirm-totp',
  'renew-recovery-codes',
  'remove-totp',
  'change-password',
]

/** What the OpenAPI document of the native API says beside its routes. */
export const documentation: Documentation = {
  description:
    "Tributary's own API. Errors are problem details (RFC 9457), lists are pages with an opaque cursor, unknown " +
    'members and parameters are refused.',
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description: 'A key of the scope `native`, or the token of a user.',
    },
  },
  tags: [
    {
      name: 'Profiles',
      description: 'People, with identifiers, attributes and consents.',
      paths: /\/profiles(?!.*\/(tags|notes|report))/,
    },
    { name: 'Tags', description: 'Tags, and which profiles have them.', paths: /\/tags/ },
    { name: 'Segments', description: 'Who belongs together, by a definition.', paths: /\/segments/ },
    {
      name: 'Privacy',
      description: 'What is held of a person, receipts of erasures, and what is forgotten by age.',
      paths: /\/(erasures|retention|report$)/,
    },
    { name: 'Notes', description: 'What people write down about profiles.', paths: /\/notes/ },
    { name: 'Imports', description: 'Files of rows, and how far they are.', paths: /\/imports/ },
    { name: 'Events', description: 'What people did, and sums over it.', paths: /\/events/ },
    {
      name: 'Logins',
      description: 'How users log in, and what they do about their own account.',
      paths: /\/auth\//,
    },
    {
      name: 'Users',
      description: 'The people who operate the installation: accounts, roles, invitations, what they did.',
      paths: /\/(users|invitations|roles|audit)/,
    },
    {
      name: 'Administration',
      description:
        'Workspaces and their settings, API keys, secrets of identity providers, browser sessions.',
      paths: /\/(workspaces|session|keys|secrets)/,
    },
    {
      name: 'Messages',
      description: 'Mail and text messages to people, and what they say.',
      paths: /\/(outbox|messages|message-templates)/,
    },
    { name: 'Workspace', description: 'What a workspace holds and what it refused.', paths: /^\/api\/v1\// },
  ],
  headersOf: ({ method, path }) => {
    const isChecked =
      (method === 'PATCH' && !/\/(users|tags)\//.test(path)) ||
      (method === 'DELETE' && path.includes('/workspaces/'))
    if (!isChecked) return {}
    const description = 'The `ETag` of what was read: refuses to change what was changed since.'
    return { 'If-Match': { required: false, description, example: '"3"' } }
  },
  refusalsOf: ({ id, path, open }) => [
    ...(open || path.includes('/auth/') ? [] : (['CDP_PERMISSION_MISSING'] as const)),
    ...(REFUSALS[id] ?? []),
  ],
  // A cookie stores nothing, and an entry is sent again once, whatever the key.
  // What is done to people and keys answers with secrets, or does the same when it is done twice.
  unkeyed: [
    'create-session',
    'delete-session',
    'replay-rejection',
    'retry-message',
    'put-message-template',
    'delete-message-template',
    'preview-message-template',
    'preview-segment',
    'preview-retention',
    ...UNKEYED,
  ],
  errorMediaType: 'application/problem+json',
  params: {
    importId: 'Id of an import.',
    guid: 'The guid of a workspace.',
    name: 'The name of what is read or changed.',
    profileId: 'The id of a profile, as answers hold it.',
    rejectionId: 'The id of an entry of the ledger.',
    messageId: 'The id of a message.',
    invitationId: 'The id of an invitation.',
    userId: 'The id of a user.',
    keyId: 'The id of an API key.',
    tagId: 'The id of a tag.',
    noteId: 'The id of a note.',
    segmentId: 'The id of a segment.',
    erasureId: 'The id of an erasure.',
  },
  exampleValues: {
    id: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    eventId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    guid: '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
    tagId: '645',
    unique: 'press contact',
    importId: '1001',
    noteId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    segmentId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    erasureId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    messageId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    rejectionId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    secret: 'tk_live_example',
    code: '492039',
    earlierCode: '118256',
    token: 'eyJhbGciOiJSUzUxMiJ9.eyJpc3MiOiJUcmlidXRhcnkifQ.c2lnbmF0dXJl',
    invitationToken: '3Yb0cW8kq2mVtGxJ1nZs5uPd7rLhAeQf',
    url: 'otpauth://totp/Tributary:ann%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Tributary',
    qrCode: 'data:image/png;base64,iVBORw0KGgo=',
    credential: 'native:tk_l',
  },
}

/** What only some operations are refused with. */
const REFUSALS: Readonly<Record<string, readonly ErrorCode[]>> = {
  'delete-session': ['CDP_ORIGIN_FORBIDDEN'],
  'patch-profile': ['CDP_PRECONDITION_FAILED', 'CDP_ATTRIBUTE_OPERATOR'],
  'merge-profiles': ['CDP_PROFILE_NOT_FOUND'],
  'unmerge-profile': ['CDP_MERGE_NOT_LATEST'],
  'create-tag': ['CDP_NAME_INVALID'],
  'patch-tag': ['CDP_TAG_NOT_FOUND'],
  'delete-tag': ['CDP_TAG_NOT_FOUND'],
  'assign-tag': ['CDP_TAG_NOT_FOUND'],
  'unassign-tag': ['CDP_TAG_NOT_FOUND'],
  'get-report': ['CDP_PROFILE_NOT_FOUND'],
  'get-erasure': ['CDP_ERASURE_NOT_FOUND'],
  'remove-tombstone': ['CDP_ERASURE_NOT_FOUND'],
  'get-segment': ['CDP_SEGMENT_NOT_FOUND'],
  'create-segment': ['CDP_SEGMENT_INVALID', 'CDP_SEGMENT_TAKEN'],
  'put-segment': ['CDP_SEGMENT_NOT_FOUND', 'CDP_SEGMENT_INVALID', 'CDP_SEGMENT_TAKEN'],
  'delete-segment': ['CDP_SEGMENT_NOT_FOUND'],
  'preview-segment': ['CDP_SEGMENT_INVALID'],
  'list-members': ['CDP_SEGMENT_NOT_FOUND'],
  'list-segment-sizes': ['CDP_SEGMENT_NOT_FOUND'],
  'recompute-segment': ['CDP_SEGMENT_NOT_FOUND'],
  'list-profile-segments': ['CDP_PROFILE_NOT_FOUND'],
  'put-note': ['CDP_NOTE_NOT_FOUND'],
  'delete-note': ['CDP_NOTE_NOT_FOUND'],
  'get-message': ['CDP_MESSAGE_NOT_FOUND'],
  'retry-message': ['CDP_MESSAGE_NOT_FOUND', 'CDP_MESSAGE_NOT_RETRYABLE'],
  'send-test-message': ['CDP_RECIPIENT_INVALID'],
  'create-import': ['CDP_BODY_INVALID'],
  'get-import': ['CDP_IMPORT_NOT_FOUND'],
  'list-import-refusals': ['CDP_IMPORT_NOT_FOUND'],
  'pause-import': ['CDP_IMPORT_NOT_FOUND', 'CDP_IMPORT_STATE'],
  'resume-import': ['CDP_IMPORT_NOT_FOUND', 'CDP_IMPORT_STATE'],
  'cancel-import': ['CDP_IMPORT_NOT_FOUND', 'CDP_IMPORT_STATE'],
  'get-company': ['CDP_PROFILE_NOT_FOUND'],
  'leave-company': ['CDP_PROFILE_NOT_FOUND', 'CDP_COMPANY_NOT_FOUND'],
  'put-secret': ['CDP_SECRET_NOT_FOUND'],
  'delete-secret': ['CDP_SECRET_NOT_FOUND'],
  'get-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND'],
  'put-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND', 'CDP_MESSAGE_TEMPLATE_INVALID'],
  'delete-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND'],
  'preview-message-template': ['CDP_MESSAGE_TEMPLATE_NOT_FOUND', 'CDP_MESSAGE_TEMPLATE_INVALID'],
  'log-in': ['CDP_LOGIN_FAILED', 'CDP_ATTEMPTS_BLOCKED'],
  'confirm-login': ['CDP_MFA_CODE_WRONG', 'CDP_ATTEMPTS_BLOCKED'],
  'select-workspace': ['CDP_WORKSPACE_NOT_FOUND', 'CDP_MFA_REQUIRED', 'CDP_NETWORK_FORBIDDEN'],
  'enrol-totp': ['CDP_MFA_ENROLLED', 'CDP_MFA_REQUIRED'],
  'confirm-totp': ['CDP_MFA_CODE_WRONG', 'CDP_MFA_ENROLLED', 'CDP_ATTEMPTS_BLOCKED'],
  'remove-totp': ['CDP_MFA_CODE_WRONG', 'CDP_ATTEMPTS_BLOCKED'],
  'renew-recovery-codes': ['CDP_MFA_CODE_WRONG', 'CDP_ATTEMPTS_BLOCKED'],
  'change-password': ['CDP_LOGIN_FAILED', 'CDP_PASSWORD_WEAK', 'CDP_ATTEMPTS_BLOCKED'],
  'create-user': ['CDP_USER_TAKEN', 'CDP_PASSWORD_WEAK', 'CDP_WORKSPACE_NOT_FOUND', 'CDP_ROLE_NOT_FOUND'],
  'patch-user': ['CDP_USER_NOT_FOUND', 'CDP_MANAGED_BY_CONFIG', 'CDP_LAST_OWNER'],
  'disable-user': ['CDP_USER_NOT_FOUND', 'CDP_MANAGED_BY_CONFIG', 'CDP_LAST_OWNER'],
  'reset-mfa': ['CDP_USER_NOT_FOUND'],
  'create-invitation': ['CDP_USER_TAKEN', 'CDP_WORKSPACE_NOT_FOUND', 'CDP_ROLE_NOT_FOUND'],
  'accept-invitation': ['CDP_INVITATION_NOT_FOUND', 'CDP_PASSWORD_WEAK', 'CDP_USER_TAKEN'],
  'revoke-invitation': ['CDP_INVITATION_NOT_FOUND'],
  'put-role': ['CDP_ROLE_BUILT_IN', 'CDP_PERMISSION_MISSING'],
  'delete-role': ['CDP_ROLE_NOT_FOUND', 'CDP_ROLE_BUILT_IN', 'CDP_ROLE_IN_USE'],
  'create-key': ['CDP_API_KEY_TAKEN'],
  'revoke-key': ['CDP_API_KEY_NOT_FOUND', 'CDP_MANAGED_BY_CONFIG'],
  'end-tokens': ['CDP_API_KEY_NOT_FOUND'],
  'rotate-key': ['CDP_API_KEY_NOT_FOUND', 'CDP_MANAGED_BY_CONFIG'],
}
