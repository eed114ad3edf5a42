import { Type } from 'typebox'
import type { Static } from 'typebox'
import { USER_ROLES } from '../../model/roles.ts'
import { KEY_SCOPES } from '../../model/workspace.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'

/** Bodies and queries of people: logins, users, roles, invitations, keys, the audit log. */

const only = { additionalProperties: false }

const email = Type.String({ pattern: '^[^\\s@<>\\u0000]+@[^\\s@<>\\u0000]+$', maxLength: 320 })
const password = Type.String({ minLength: 1, maxLength: 1_024 })
const name = Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN })
const deviceId = Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN }))
const guid = Type.String({ format: 'uuid' })
const role = Type.Union(USER_ROLES.map((each) => Type.Literal(each)))
const code = Type.String({ minLength: 1, maxLength: 64 })
const token = Type.String({ minLength: 1, maxLength: 255 })

const cookie = Type.Optional(
  Type.Boolean({
    description: 'Puts the token into a cookie that no script reads, and not into the answer.',
  }),
)

/** `POST /api/v1/auth/login` */
export const LoginBody = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 320 }), password, deviceId, cookie },
  only,
)
export type LoginBody = Static<typeof LoginBody>

/** `POST /api/v1/auth/google` */
export const GoogleBody = Type.Object(
  {
    idToken: Type.String({
      minLength: 1,
      maxLength: 8_192,
      description: 'The identity token from the fragment to which Google sent the browser back.',
    }),
    // 16 characters of base64url are 96 bits: nobody else asks with the same one.
    nonce: Type.String({
      minLength: 16,
      maxLength: 255,
      description: 'The random text with which the browser asked for the token.',
    }),
    deviceId,
    cookie,
  },
  only,
)
export type GoogleBody = Static<typeof GoogleBody>

/** `POST /api/v1/auth/mfa` */
export const MfaBody = Type.Object({ code, deviceId }, only)
export type MfaBody = Static<typeof MfaBody>

/** `POST /api/v1/auth/workspace` */
export const SelectBody = Type.Object({ guid }, only)
export type SelectBody = Static<typeof SelectBody>

/** `POST /api/v1/auth/totp/confirm`, `POST /api/v1/auth/recovery-codes` */
export const CodeBody = Type.Object({ code }, only)
export type CodeBody = Static<typeof CodeBody>

/** `POST /api/v1/auth/password` */
export const PasswordBody = Type.Object({ currentPassword: password, newPassword: password }, only)
export type PasswordBody = Static<typeof PasswordBody>

const places = Type.Array(
  Type.Object(
    {
      guid,
      role: Type.Optional(
        Type.String({ minLength: 1, maxLength: 255, description: 'A role of the workspace.' }),
      ),
    },
    only,
  ),
  { maxItems: 1_000 },
)

/** `POST /api/v1/users` */
export const UserBody = Type.Object({ email, password, role, workspaces: places }, only)
export type UserBody = Static<typeof UserBody>

/** `PATCH /api/v1/users/:userId` */
export const UserPatch = Type.Object(
  {
    role: Type.Optional(role),
    workspaces: Type.Optional(places),
    disabled: Type.Optional(Type.Boolean()),
  },
  only,
)
export type UserPatch = Static<typeof UserPatch>

/** `POST /api/v1/invitations` */
export const InvitationBody = Type.Object(
  {
    email,
    role,
    workspaces: Type.Array(guid, { maxItems: 1_000 }),
    workspaceRole: Type.Optional(name),
  },
  only,
)
export type InvitationBody = Static<typeof InvitationBody>

/** `POST /api/v1/invitations/accept` */
export const AcceptBody = Type.Object({ token, password }, only)
export type AcceptBody = Static<typeof AcceptBody>

/** `PUT /api/v1/roles/:name` */
export const RoleBody = Type.Object(
  {
    permissions: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
      maxItems: 100,
      description: '`GROUP:act`, such as `CLIENT_INFO:read`; `*` stands for every group or every act.',
    }),
  },
  only,
)
export type RoleBody = Static<typeof RoleBody>

/** `POST /api/v1/keys` */
export const KeyBody = Type.Object(
  {
    scope: Type.Union(KEY_SCOPES.map((scope) => Type.Literal(scope))),
    permissions: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 1_000 }),
    ),
  },
  only,
)
export type KeyBody = Static<typeof KeyBody>

/** `GET /api/v1/audit` */
export const AuditQuery = Type.Object(
  {
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    from: Type.Optional(Type.String({ maxLength: 64 })),
    to: Type.Optional(Type.String({ maxLength: 64 })),
    action: Type.Optional(name),
    actor: Type.Optional(name),
  },
  only,
)
export type AuditQuery = Static<typeof AuditQuery>
