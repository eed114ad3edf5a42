import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { ALL_PERMISSIONS, isConfirmed } from '../../../core/access/index.ts'
import type { Entry, UserLogin } from '../../../core/access/index.ts'
import { loginOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { toRfc3339 } from '../../../lib/time.ts'
import { CdpError } from '../../../model/errors.ts'
import type { Workspace } from '../../../model/workspace.ts'
import { USER_TOKEN, guardLogin } from '../guard.ts'
import { operation } from '../operations.ts'
import { limitLogins } from './limits.ts'

const external = {
  deviceId: Type.Optional(Type.String({ maxLength: 255 })),
  externalProviderToken: Type.Optional(Type.String({ minLength: 1, maxLength: 8_192 })),
  externalProviderType: Type.Optional(Type.Literal('GOOGLE')),
}

/**
 * Body of the login of a user. @source reference, Log in as User
 * @assumed name and password are read only without a token of a provider: somebody who has one has no password
 */
const LoginBody = Type.Object({
  username: Type.Optional(Type.String({ maxLength: 320 })),
  password: Type.Optional(Type.String({ maxLength: 1_024 })),
  ...external,
})

/** @source reference, Verify User multi-factor authentication */
const VerificationBody = Type.Object({
  verificationCode: Type.String({ minLength: 1, maxLength: 64 }),
  ...external,
})

/** @source reference, Verify User multi-factor authentication */
const VerificationQuery = Type.Object({ mfaType: Type.Literal('TOTP_AUTHENTICATOR') })

/** The reference writes the slash, clients leave it out. @source reference, Get Workspaces */
const WORKSPACE_LISTS = ['/uauth/business-profile/', '/uauth/business-profile']

/** Adds how users log in and find their workspaces. */
export function registerUsers(app: FastifyInstance, services: Services): void {
  const options = (id: string, schema: object = {}) => ({
    schema,
    config: { operation: id, holdsSecrets: true },
    onRequest: guardLogin(services, operation(id)),
  })
  app.post(
    operation('login-user').path,
    {
      schema: { body: LoginBody },
      config: { operation: 'login-user', holdsSecrets: true },
      onRequest: limitLogins(services),
    },
    (request) => logIn(services, request),
  )
  app.post(
    operation('verify-user').path,
    options('verify-user', { body: VerificationBody, querystring: VerificationQuery }),
    (request) => verify(services, request),
  )
  app.post(operation('select-workspace').path, options('select-workspace'), (request) =>
    selectWorkspace(services, request),
  )
  for (const path of WORKSPACE_LISTS)
    app.get(path, options('list-workspaces'), async (request) => {
      const workspaces = await services.operators.workspacesOf(loginOf(request).operator)
      return workspaces.map((workspace) => showWorkspace(workspace, workspace.createdAt))
    })
  app.get(operation('current-workspace').path, options('current-workspace'), (request) =>
    currentWorkspace(services, request),
  )
}

/** @assumed the tokens of users live as long as all others before a workspace says otherwise. @source reference 0.1 */
const LIFE_SECONDS = 3_600

/** @throws CDP_LOGIN_FAILED CDP_ATTEMPTS_BLOCKED CDP_BODY_INVALID */
async function logIn({ logins, tokens }: Services, request: FastifyRequest): Promise<object> {
  const body = request.body as Static<typeof LoginBody>
  const { externalProviderToken: token, deviceId } = body
  const how = { address: request.ip, lifeSeconds: LIFE_SECONDS, deviceId }
  const login =
    token === undefined
      ? await logins.withPassword(required(body, 'username'), required(body, 'password'), how)
      : await logins.withGoogle(token, how)
  return showAuth(tokens, login)
}

function required(body: Static<typeof LoginBody>, name: 'username' | 'password'): string {
  const value = body[name]
  if (value !== undefined && value !== '') return value
  throw new CdpError('CDP_BODY_INVALID', { pointer: `/${name}`, detail: `${name}: is required` })
}

/** @throws CDP_MFA_CODE_WRONG CDP_ATTEMPTS_BLOCKED */
async function verify({ secondFactors, tokens }: Services, request: FastifyRequest): Promise<object> {
  const { verificationCode: code, deviceId } = request.body as Static<typeof VerificationBody>
  const login = loginOf(request)
  const attempt = { code, address: request.ip, deviceId: deviceId ?? login.session.deviceId }
  return showAuth(tokens, await secondFactors.verify(login, attempt))
}

/** @throws CDP_WORKSPACE_NOT_FOUND CDP_MFA_REQUIRED CDP_NETWORK_FORBIDDEN */
async function selectWorkspace({ logins, tokens }: Services, request: FastifyRequest): Promise<object> {
  const { businessProfileUUID } = request.params as { businessProfileUUID: string }
  const { login, entry } = await logins.select(loginOf(request), businessProfileUUID, { address: request.ip })
  return showAuth(tokens, login, entry)
}

async function currentWorkspace({ operators }: Services, request: FastifyRequest): Promise<object> {
  const login = loginOf(request)
  const { workspaceId } = login.session
  if (workspaceId === undefined) throw new CdpError('CDP_WORKSPACE_UNSELECTED')
  await operators.enter(login, workspaceId, request.ip)
  const workspaces = await operators.workspacesOf(login.operator)
  const found = workspaces.find(({ id }) => id === workspaceId)
  if (!found) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
  return showWorkspace(found, found.createdAt)
}

/**
 * @source reference 0.17, UserAuth
 * @assumed `roles` is the name of the one role that permits, `*` is written out as every authority
 */
async function showAuth(tokens: Services['tokens'], login: UserLogin, entry?: Entry): Promise<object> {
  const { session, operator } = login
  const permissions = entry?.permissions ?? []
  const claims = {
    subject: operator.userId,
    email: operator.email,
    permissions,
    workspace: entry?.workspace,
    keyId: undefined,
  }
  return {
    token: await tokens.issueFor(session, claims, USER_TOKEN),
    consumer: {
      type: 'USER',
      businessProfileId: entry?.workspace.id ?? null,
      name: operator.email,
      id: operator.userId,
      authorities: permissions.includes('*') ? ALL_PERMISSIONS : permissions,
      roles: entry?.role ?? operator.role,
    },
    mfaMethods: isConfirmed(login) ? [] : ['TOTP_AUTHENTICATOR'],
  }
}

/** @source reference 0.17, WorkspaceInfo. @assumed logo and subdomain are empty: the product has neither */
function showWorkspace({ guid, name, id, settings }: Workspace, createdAt: number): object {
  return {
    businessProfileGuid: guid,
    logo: '',
    name,
    id,
    created: toRfc3339(createdAt),
    subdomain: '',
    ipRestricted: settings.ipAllowlist.length > 0,
    mfaRequired: settings.mfaRequired,
  }
}
