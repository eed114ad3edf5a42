import type { Documentation } from '../../http/openapi/describable.ts'
import type { ErrorCode } from '../../model/errors.ts'
import { ANSWER_SCHEMAS, answerSchemaOf } from './answers.ts'
import { isVersioned } from './guard.ts'
import { ACCOUNT_OPERATIONS, LOGIN_OPERATIONS, REGISTRATION_OPERATIONS } from './accounts/operations.ts'
import { operation } from './operations.ts'
import type { CallerKind, SyneriseOperation } from './operations.ts'

/** Logins and acts about an account: each proof counts once, and the rest ends the same done twice. */
const UNKEYED = [...LOGIN_OPERATIONS, ...REGISTRATION_OPERATIONS, ...ACCOUNT_OPERATIONS]
  .map(({ id }) => id)
  .filter((id) => id !== 'update-own-data')

/** Which credential is for which kind of caller; a token is for every kind that logs in. */
const SCHEMES: readonly (readonly [scheme: string, kind?: CallerKind])[] = [
  ['token'],
  ['basic', 'W'],
  ['tracker', 'T'],
  ['ai', 'K'],
]

/** What the OpenAPI document of this dialect says beside its routes. */
export const documentation: Documentation = {
  description: 'The profile management API of Synerise, as far as Tributary answers it.',
  securitySchemes: {
    token: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'The token of a login.',
    },
    basic: { type: 'http', scheme: 'basic', description: 'The guid of the workspace and its api key.' },
    tracker: { type: 'apiKey', in: 'query', name: 'token', description: 'The tracker key of a web page.' },
    ai: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An AI key of older clients.' },
  },
  securityOf: ({ id }) => {
    const { callers = [] } = operation(id)
    return SCHEMES.flatMap(([scheme, kind]) => (kind === undefined || callers.includes(kind) ? [scheme] : []))
  },
  tags: [
    { name: 'Authorization', description: 'Logins and the time.', paths: /^\/uauth\/|\/auth\/|\/server\// },
    { name: 'Devices', description: 'Devices of profiles.', paths: /\/linked-devices$/ },
    {
      name: 'Accounts',
      description: 'Registration of profiles, and what they do about their own accounts.',
      paths: /^\/sauth\/(?!v\d\/auth)|^\/v4\/my-account/,
    },
    { name: 'Notes', description: 'What users write down about profiles.', paths: /^\/notes-service/ },
    {
      name: 'Tags',
      description: 'Tags, and which profiles have them.',
      paths: /^\/v4\/(clients\/(:clientId\/)?)?tags/,
    },
    {
      name: 'Segments',
      description: 'Lists and exports of segments.',
      paths: /^\/client-exporter\/|^\/crm\/v1\/(segmentations|clients\/list)/,
    },
    {
      name: 'Contacts',
      description: 'Profiles as flat contacts, their lists, and companies.',
      paths: /^\/crm\/|^\/v4\/company-clients/,
    },
    { name: 'Profiles', description: 'Profiles, by id and by other identifiers.', paths: /^\/v4\/clients/ },
    {
      name: 'Events',
      description: 'What people did: an operation for each type of event, the batch, and lists.',
      paths: /^\/v4\/events/,
    },
    {
      name: 'Trackers',
      description: 'Keys of web pages.',
      paths: /^\/business-profile-service\/tracker/,
    },
    { name: 'Transactions', description: 'Purchases.', paths: /^\/v4\/transactions/ },
  ],
  headersOf: ({ path }) => {
    if (!isVersioned(path)) return {}
    const description = 'The version of the API.'
    return { 'Api-Version': { required: true, description, example: '4.4' } }
  },
  refusalsOf: ({ path, id }) => {
    const own = id.startsWith('login-profile') ? PROFILE_REFUSALS : USER_REFUSALS[id]
    if (own) return own
    if (isLogin(id)) return ['CDP_KEY_UNKNOWN', 'CDP_RATE_LIMITED']
    const { permission, open } = operation(id)
    return [
      ...(OBJECT_REFUSALS[id] ?? []),
      ...(isVersioned(path) ? (['CDP_API_VERSION_INVALID'] as const) : []),
      ...(open ? [] : (['CDP_TOKEN_INVALID', 'CDP_TOKEN_EXPIRED'] as const)),
      ...(permission === undefined ? [] : (['CDP_PERMISSION_MISSING'] as const)),
      ...(isEventWrite(operation(id)) ? (['CDP_PROFILE_FOREIGN'] as const) : []),
    ]
  },
  // A login stores nothing but itself.
  unkeyed: [
    'verify-user',
    'select-workspace',
    'check-permissions',
    'get-or-create-tracker',
    'logout-client',
    ...UNKEYED,
  ],
  accessOf: ({ id }) => accessOf(operation(id)),
  params: {
    businessProfileUUID: 'The guid of the workspace.',
    clientId: 'The id of the profile: a number.',
    clientID: 'The id of the profile: a number.',
    clientEmail: 'The e-mail of the profile, percent-encoded.',
    customId: 'The id of the profile in your own system, percent-encoded.',
    identifierType: 'What the value is: `by-custom-id`, `by-email`, `by-phone` or `by-uuid`.',
    identifierValue: 'The identifier, percent-encoded.',
    sourceCustomIDs: 'customIds of the profiles that go, with commas between them.',
    targetCustomID: 'The customId of the profile that stays.',
    fromClientIds: 'Ids of the profiles that go, with commas between them.',
    toClientId: 'The id of the profile that stays.',
    noteId: 'The id of the note: a UUID.',
    tagID: 'The id of the tag: a number.',
    taskId: 'The id of the export task: a number.',
    UUID: 'The id of the segmentation.',
    materializationId: 'The id of the materialization: a number.',
  },
  schemas: ANSWER_SCHEMAS,
  answerSchemaOf,
  exampleValues: {
    profileKey: 'b0a1c2d3-1111-4222-8333-444455556666',
    unique: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    uniqueEmail: 'anna.nowak@example.com',
    uniqueOther: 'anna.kowalska@example.com',
    link: 'Jb8b7Qk4x2yqkM5Y0o3h1zqv9nT6rW2sLdCfGpXaEuI',
    pin: '402817',
    code: '7Q3FA',
    tagID: 645,
    segmentId: '6b1f0b52-5f0a-4c0e-9d5e-0d7c1f1f2a10',
    aggregateId: 'f0f2f7d8-43b1-4c38-a1f6-35c6d2b1a7aa',
    noteId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    apiKey: '64c09614-1b2a-42f7-804d-f647243eb1ab',
    token: 'eyJhbGciOiJSUzUxMiJ9.eyJpc3MiOiJTeW5lcmlzZSJ9.c2lnbmF0dXJl',
    verificationCode: '492039',
    businessProfileUUID: '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
    uuid: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    businessProfileGuid: '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
    // Of the members that are called so only the id of a note is a text.
    id: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
    message: 'The request body is not what this operation takes.',
  },
}

/** Kinds of callers, in words. @source reference 0.1 */
const CALLERS: Readonly<Record<CallerKind, string>> = {
  P: 'a profile that logged in',
  A: 'an anonymous profile',
  W: 'a workspace',
  U: 'a user in a workspace',
  U0: 'a user before the second factor',
  U1: 'a user before the choice of a workspace',
  T: 'the tracker key of a web page',
  K: 'an AI key',
}

/** Who may call it and what that one needs, and a warning where nobody prints the path. */
function accessOf({ callers = [], provenance, ...needs }: SyneriseOperation): string {
  const permissions = [needs.permission, needs.alsoPermission].filter((name) => name !== undefined)
  const lines = [
    `Callers: ${callers.map((kind) => CALLERS[kind]).join(', ') || 'anybody'}.`,
    permissions.length > 0 &&
      `Permission of the API key: ${permissions.map((name) => `\`${name}\``).join(' and ')}.`,
    needs.role !== undefined && `A user's role must hold: \`${needs.role}\` (${needs.act}).`,
    provenance === 'inferred' && 'Method and path are inferred: the vendor prints neither.',
  ]
  return lines.filter(Boolean).join(' ')
}

/** Whether a person may write events by it, and then about itself only. */
function isEventWrite({ method, path, callers = [] }: SyneriseOperation): boolean {
  return method === 'POST' && path.startsWith('/v4/events') && callers.includes('P')
}

function isLogin(id: string): boolean {
  return id.startsWith('login-')
}

/** What operations about an object are refused with, beside its profile. */
const OBJECT_REFUSALS: Readonly<Record<string, readonly ErrorCode[]>> = {
  'link-device-by-identifier': ['CDP_PROFILE_NOT_FOUND'],
  'update-tag': ['CDP_TAG_NOT_FOUND'],
  'remove-tag': ['CDP_TAG_NOT_FOUND'],
  'assign-tag': ['CDP_TAG_NOT_FOUND'],
  'unassign-tag': ['CDP_TAG_NOT_FOUND'],
  'get-note': ['CDP_NOTE_NOT_FOUND'],
  'update-note': ['CDP_NOTE_NOT_FOUND'],
  'delete-note': ['CDP_NOTE_NOT_FOUND'],
  'list-segmentation': ['CDP_SEGMENT_NOT_FOUND'],
  'list-local-segmentation': ['CDP_SEGMENT_NOT_FOUND'],
  'create-local-segmentation': ['CDP_SEGMENT_INVALID'],
  'create-materialization': ['CDP_SEGMENT_NOT_FOUND'],
  'list-materialization': ['CDP_MATERIALIZATION_NOT_FOUND'],
  'create-export-task': ['CDP_SEGMENT_NOT_FOUND', 'CDP_COMPUTED_NOT_FOUND'],
  'get-export-data': ['CDP_EXPORT_NOT_FOUND', 'CDP_EXPORT_STATE'],
}

/** What the logins of profiles are refused with. */
const PROFILE_REFUSALS: readonly ErrorCode[] = [
  'CDP_KEY_UNKNOWN',
  'CDP_LOGIN_FAILED',
  'CDP_IDENTITY_PROVIDER_UNKNOWN',
  'CDP_EMAIL_LINK_REQUIRED',
  'CDP_EMAIL_PIN_REQUIRED',
  'CDP_ATTEMPTS_BLOCKED',
]

/** What the logins of users are refused with. */
const USER_REFUSALS: Readonly<Record<string, readonly ErrorCode[]>> = {
  'login-user': ['CDP_LOGIN_FAILED', 'CDP_ATTEMPTS_BLOCKED', 'CDP_RATE_LIMITED'],
  'verify-user': ['CDP_TOKEN_INVALID', 'CDP_MFA_CODE_WRONG', 'CDP_ATTEMPTS_BLOCKED'],
  'select-workspace': [
    'CDP_TOKEN_INVALID',
    'CDP_WORKSPACE_NOT_FOUND',
    'CDP_MFA_REQUIRED',
    'CDP_NETWORK_FORBIDDEN',
  ],
  'list-workspaces': ['CDP_TOKEN_INVALID', 'CDP_MFA_REQUIRED'],
  'current-workspace': ['CDP_TOKEN_INVALID', 'CDP_MFA_REQUIRED', 'CDP_WORKSPACE_UNSELECTED'],
}
