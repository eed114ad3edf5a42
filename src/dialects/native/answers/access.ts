import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { count, id, object, orNull, pageOf, refTo, text, texts, time, uuid } from './parts.ts'

const user = { id: id(), email: text(), role: text(), hasTotp: Type.Boolean() }

/** The token is missing where a cookie took its place. */
const Login = Type.Object({
  token: Type.Optional(text()),
  expiresAt: time(),
  user: Type.Object(user),
  needsCode: Type.Boolean(),
  workspace: orNull(Type.Object({ guid: uuid(), name: text() })),
})

/** `google` is null where nobody signs in by it. */
const LoginOptions = Type.Object({
  password: Type.Boolean(),
  google: orNull(Type.Object({ clientId: text(), authorizationEndpoint: text() })),
  selfService: Type.Object({ registration: Type.Boolean(), passwordReset: Type.Boolean() }),
})

const Session = Type.Object({
  user: Type.Object(user),
  needsCode: Type.Boolean(),
  expiresAt: time(),
  workspace: orNull(
    Type.Object({
      guid: uuid(),
      name: text(),
      role: orNull(text()),
      permissions: texts(),
      may: texts(),
    }),
  ),
  workspaces: Type.Array(
    Type.Object({
      guid: uuid(),
      name: text(),
      mfaRequired: Type.Boolean(),
      ipRestricted: Type.Boolean(),
    }),
  ),
})

const managedBy = Type.Enum(['api', 'config', 'start'])

const workspace = {
  guid: uuid(),
  name: text(),
  settings: object(),
  managedBy,
  createdAt: time(),
  archivedAt: Type.Optional(time()),
}

const User = Type.Object({
  ...user,
  managedBy,
  createdAt: time(),
  disabledAt: orNull(time()),
  workspaces: Type.Array(Type.Object({ guid: uuid(), name: text(), role: orNull(text()) })),
})

const invitation = {
  id: uuid(),
  email: text(),
  role: text(),
  workspaceRole: orNull(text()),
  invitedBy: text(),
  createdAt: time(),
  expiresAt: time(),
}

const Role = Type.Object({ name: text(), permissions: texts(), isBuiltIn: Type.Boolean() })

const key = {
  id: id(),
  scope: text(),
  prefix: text(),
  permissions: texts(),
  managedBy,
  createdAt: time(),
  lastUsedAt: orNull(time()),
}

const Act = Type.Object({
  id: uuid(),
  at: time(),
  actor: Type.Object({ kind: text(), name: text() }),
  action: text(),
  object: orNull(text()),
  detail: Type.Unknown(),
  address: orNull(text()),
  traceId: orNull(text()),
})

const secret = { secret: text() }

const RecoveryCodes = Type.Object({ recoveryCodes: texts() })

/** Shapes by name. */
export const ACCESS_SCHEMAS: Readonly<Record<string, TSchema>> = {
  Login,
  Session,
  Workspace: Type.Object(workspace),
  User,
  Invitation: Type.Object(invitation),
  Role,
  ApiKey: Type.Object(key),
  Act,
}

/** What operations about users, keys and workspaces answer. */
export const ACCESS_ANSWERS: Readonly<Record<string, TSchema>> = {
  'get-login-options': LoginOptions,
  'log-in': refTo('Login'),
  'log-in-by-google': refTo('Login'),
  'confirm-login': refTo('Login'),
  'select-workspace': refTo('Login'),
  'get-session': refTo('Session'),
  'enrol-totp': Type.Object({ secret: text(), url: text(), qrCode: text() }),
  'confirm-totp': RecoveryCodes,
  'renew-recovery-codes': RecoveryCodes,
  'list-workspaces': pageOf(refTo('Workspace')),
  'create-workspace': Type.Object({
    ...workspace,
    apiKey: Type.Object({ scope: Type.Literal('native'), ...secret }),
  }),
  'get-workspace': refTo('Workspace'),
  'patch-workspace': refTo('Workspace'),
  'list-users': pageOf(refTo('User')),
  'create-user': refTo('User'),
  'patch-user': refTo('User'),
  'list-invitations': pageOf(refTo('Invitation')),
  'create-invitation': Type.Object({ ...invitation, token: text() }),
  'accept-invitation': Type.Object({ email: text() }),
  'list-roles': pageOf(refTo('Role')),
  'put-role': refTo('Role'),
  'list-keys': pageOf(refTo('ApiKey')),
  'create-key': Type.Object({ ...key, ...secret }),
  'rotate-key': Type.Object({ ...key, ...secret }),
  'end-tokens': Type.Object({ ended: count() }),
  'list-secrets': pageOf(Type.Object({ name: text(), updatedAt: time() })),
  'list-audit': pageOf(refTo('Act')),
}
