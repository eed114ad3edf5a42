import { Type } from 'typebox'
import type { TObject, TSchema } from 'typebox'
import { CONTACT_TEXTS } from './crm/fields.ts'
import { TEXT_FIELDS } from './clients/attributes.ts'
import { freeForm } from './shared/schemas.ts'

/*
 * Shapes of answers. They describe what the functions that show things make: the contract tests hold every answer against them, and
 * the OpenAPI document has them. Nothing is serialized by them.
 */

const text = () => Type.String()

const textOrNull = () => Type.Union([Type.String(), Type.Null()])

const id = () => Type.Integer({ minimum: 1 })

const instant = () => Type.String({ format: 'date-time' })

const texts = () => Type.Array(Type.String())

/** A shape of {@link ANSWER_SCHEMAS} by its name. */
const refTo = (name: string) => Type.Ref(`#/components/schemas/${name}`)

const all = (names: readonly string[], schema: () => TSchema): Record<string, TSchema> =>
  Object.fromEntries(names.map((name) => [name, schema()]))

const Token = Type.Object({ token: text() })

/** @source reference, Authenticate as Profile (conditional) */
const ConditionalLogin = Type.Object({
  conditions: texts(),
  status: Type.Enum([
    'SUCCESS',
    'UNAUTHORIZED',
    'ACTIVATION_REQUIRED',
    'REGISTRATION_REQUIRED',
    'APPROVAL_REQUIRED',
    'TERMS_ACCEPTANCE_REQUIRED',
    'MFA_REQUIRED',
  ]),
  token: Type.Optional(text()),
})

/** @source reference 0.17 */
const UserAuth = Type.Object({
  token: text(),
  consumer: Type.Object({
    type: Type.Literal('USER'),
    businessProfileId: Type.Union([id(), Type.Null()]),
    name: text(),
    id: id(),
    authorities: texts(),
    roles: text(),
  }),
  mfaMethods: Type.Array(Type.Literal('TOTP_AUTHENTICATOR')),
})

/** @source reference 0.17 */
const WorkspaceInfo = Type.Object({
  businessProfileGuid: Type.String({ format: 'uuid' }),
  logo: text(),
  name: text(),
  id: id(),
  created: instant(),
  subdomain: text(),
  ipRestricted: Type.Boolean(),
  mfaRequired: Type.Boolean(),
})

/** @source reference 0.6 */
const Agreements = Type.Object(
  all(['email', 'sms', 'push', 'webPush', 'bluetooth', 'rfid', 'wifi'], Type.Boolean),
)

/** @source reference 0.8 */
const Profile = Type.Object({
  clientId: id(),
  ...all(Object.keys(TEXT_FIELDS), textOrNull),
  email: textOrNull(),
  customId: textOrNull(),
  uuid: textOrNull(),
  sex: Type.Enum(['FEMALE', 'MALE', 'NOT_SPECIFIED', 'OTHER']),
  anonymous: Type.Boolean(),
  agreements: Agreements,
  attributes: freeForm(),
  tags: texts(),
  previousClients: Type.Array(Type.Union([id(), text()])),
  lastActivityDate: instant(),
})

/** @source reference 0.9 */
const Contact = Type.Object({ id: id(), ...all(CONTACT_TEXTS, textOrNull), tags: texts() })

/** A field with what people read above it. @source reference 0.9 */
const labelled = () => Type.Object({ label: text(), value: Type.Unknown() })

/** Custom attributes stand among the fields, under their own names. @source reference 0.9 */
const ContactDetails = Type.Object({
  base: Type.Object(all(CONTACT_TEXTS, labelled), { additionalProperties: labelled() }),
  tags: texts(),
})

const count = () => Type.Integer({ minimum: 0 })

/** @source reference 0.9 */
const ContactPage = Type.Object({
  customers: Type.Array(refTo('Contact')),
  ...all(['all', 'limit', 'offset', 'matching'], count),
})

/** @source reference 0.12 */
const EventRow = Type.Object({
  uuid: Type.String({ format: 'uuid' }),
  time: instant(),
  action: text(),
  label: Type.Null(),
  client: Type.Object({ id: id(), ...all(['customId', 'uuid', 'email'], textOrNull) }),
  params: freeForm(),
})

/** What is wrong with one field. @source reference 0.3 */
const FieldError = Type.Object({
  code: Type.Integer(),
  field: text(),
  message: text(),
  rejectedValue: textOrNull(),
})

/** @source reference 0.17 */
const Tag = Type.Object({ id: id(), name: text(), color: Type.String({ pattern: '^#[0-9a-fA-F]{6}$' }) })

/** @source reference 0.17: null for a global tag */
const WholeTag = Type.Object({ businessProfileId: Type.Union([id(), Type.Null()]), ...Tag.properties })

/** @source reference, Assign tag to profile */
const Assignment = Type.Object({ clientId: id(), id: id(), tagId: id() })

/** @source reference 0.17 */
const Note = Type.Object({
  id: Type.String({ format: 'uuid' }),
  ...all(['subject', 'body', 'createdBy', 'updatedBy'], text),
  created: instant(),
  updated: instant(),
  userId: Type.Union([id(), Type.Null()]),
})

/** The members that public clients read; others are null or false. @source php-sdk, TrackingCodeResponse */
const Tracker = Type.Object(
  { id: id(), ...all(['code', 'name', 'domainName', 'type', 'pageType', 'entityStatus'], text) },
  { additionalProperties: true },
)

/** @source real-clients 10 */
const PermissionCheck = Type.Object({
  businessProfileName: text(),
  permissions: Type.Record(text(), Type.Boolean()),
})

/** @source reference, Create profile export task for segmentation */
const ExportTask = Type.Object({ taskId: id(), columnOrder: texts(), estimatedCount: count(), ttl: text() })

/** Fields and results stand beside the id, by the names they were asked for with. @source reference, Retrieve export data */
const ExportedProfile = Type.Object({ id: id() }, { additionalProperties: true })

/** @source reference, Create materialization */
const Materialization = Type.Object({ materializationId: id(), expiration: instant(), count: count() })

/** @source reference, List Profiles from a materialization */
const MaterializationPage = Type.Object({
  materializationId: id(),
  customers: Type.Array(refTo('Contact')),
  ...all(['offset', 'limit'], count),
})

/** The body of success by operation; what is not here has none. */
const ANSWERS: Readonly<Record<string, TSchema>> = {
  ...all(['refresh-profile', 'login-profile', 'login-anonymous', 'login-workspace'], () => refTo('Token')),
  ...all(['refresh-profile-v2', 'login-profile-v2', 'login-anonymous-v2'], () => refTo('Token')),
  ...all(['login-workspace-v1', 'login-workspace-v4', 'refresh-workspace', 'refresh-workspace-v4'], () =>
    refTo('Token'),
  ),
  ...all(['login-profile-conditional', 'login-profile-conditional-v2'], () => refTo('ConditionalLogin')),
  ...all(['login-user', 'verify-user', 'select-workspace'], () => refTo('UserAuth')),
  'list-workspaces': Type.Array(refTo('WorkspaceInfo')),
  'current-workspace': refTo('WorkspaceInfo'),
  'check-permissions': refTo('PermissionCheck'),
  'list-clients': Type.Array(refTo('Profile')),
  ...all(['get-client', 'fetch-client', 'own-data', 'merge-by-id', 'merge-by-custom-id'], () =>
    refTo('Profile'),
  ),
  'create-client-instantly': text(),
  ...all(['crm-details', 'crm-update', 'crm-update-company'], () => refTo('ContactDetails')),
  ...all(['crm-mark-company', 'crm-company-details'], () => refTo('ContactDetails')),
  ...all(['crm-list', 'crm-list-companies', 'crm-company-members'], () => refTo('ContactPage')),
  ...all(['list-segmentation', 'list-local-segmentation'], () => refTo('ContactPage')),
  'create-local-segmentation': text(),
  'create-export-task': refTo('ExportTask'),
  'get-export-data': Type.Array(refTo('ExportedProfile')),
  'create-materialization': refTo('Materialization'),
  'list-materialization': refTo('MaterializationPage'),
  'crm-autocomplete': Type.Object({ entries: texts() }),
  ...all(['crm-company-of-profile', 'crm-company-identifier'], text),
  'crm-last-activity': Type.Object({ last_activity_date: instant() }),
  'list-notes': Type.Array(refTo('Note')),
  ...all(['create-note', 'get-note', 'update-note'], () => refTo('Note')),
  ...all(['list-tags', 'list-client-tags'], () => Type.Array(refTo('Tag'))),
  ...all(['create-tag', 'update-tag'], () => refTo('WholeTag')),
  'assign-tag': refTo('Assignment'),
  ...all(['list-client-events', 'list-own-events', 'list-all-events'], () => Type.Array(refTo('EventRow'))),
  'server-time': Type.Object({ serverTime: instant() }),
  'get-or-create-tracker': refTo('Tracker'),
}

/** Only these two can be stored in part; the errors of the rest are the body. @source reference, Batch add or update profiles */
const PARTIAL: ReadonlySet<string> = new Set(['batch-clients', 'import-clients'])

const PARTIAL_STATUS = 207

/** Members that every shape of errors has. @source reference 0.3 */
const error = (members: Record<string, TSchema>): TObject =>
  Type.Object({
    timestamp: instant(),
    status: Type.Integer(),
    message: text(),
    path: text(),
    ...members,
  })

const ShapeA = error({
  error: text(),
  errors: Type.Array(refTo('FieldError')),
  traceId: text(),
  errorCode: Type.Optional(text()),
})

/** Shapes B and C: the second has no list of fields. */
const ShapeB = error({ error: text(), errors: Type.Optional(Type.Array(refTo('FieldError'))) })

const ShapeD = error({ errorCode: text(), traceId: text() })

/** The shapes that the document names, by name. */
export const ANSWER_SCHEMAS: Readonly<Record<string, TSchema>> = {
  Token,
  ConditionalLogin,
  UserAuth,
  WorkspaceInfo,
  Profile,
  Contact,
  ContactDetails,
  ContactPage,
  EventRow,
  FieldError,
  Tag,
  WholeTag,
  Assignment,
  Note,
  Tracker,
  PermissionCheck,
  ExportTask,
  ExportedProfile,
  Materialization,
  MaterializationPage,
  ShapeA,
  ShapeB,
  ShapeD,
}

/**
 * The schema of a body that an operation answers with.
 * @returns undefined where there is no body
 */
export function answerSchemaOf(
  { id: operation, path }: { id: string; path: string },
  status: number,
): TSchema | undefined {
  if (status === PARTIAL_STATUS && PARTIAL.has(operation)) return Type.Array(refTo('FieldError'))
  if (status < 300) return ANSWERS[operation]
  if (path.startsWith('/sauth')) return refTo('ShapeA')
  return refTo(path.startsWith('/uauth') ? 'ShapeD' : 'ShapeB')
}
