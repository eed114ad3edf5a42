import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isConfirmed } from '../../core/access/index.ts'
import type { Entry, UserLogin } from '../../core/access/index.ts'
import { loginOf } from '../../http/authenticate.ts'
import { requireOwnOrigin } from '../../http/own-origin.ts'
import type { Services } from '../../http/services.ts'
import { now, toRfc3339 } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { SESSION_COOKIE, SESSION_PATH, USER_TOKEN, actorOf, guardLogin } from './guard.ts'
import { permissionsOf } from './permissions.ts'
import { NoQuery } from './schemas.ts'
import { CodeBody, GoogleBody, LoginBody, MfaBody, PasswordBody, SelectBody } from './user-schemas.ts'

/** The options of a route for users. */
type Options = (operation: string, schema: object, unconfirmed?: boolean) => object

const PATH = '/api/v1/auth'

/** Adds how users get in and out, and what they do about their own account. */
export function registerAuth(app: FastifyInstance, services: Services): void {
  const options: Options = (operation, schema, unconfirmed = false) => ({
    schema,
    config: { operation, holdsSecrets: true },
    onRequest: guardLogin(services, { unconfirmed }),
  })
  app.post(
    `${PATH}/login`,
    { schema: { body: LoginBody }, config: { operation: 'log-in', holdsSecrets: true } },
    (request, reply) => logIn(services, request, reply),
  )
  app.post(
    `${PATH}/google`,
    { schema: { body: GoogleBody }, config: { operation: 'log-in-by-google', holdsSecrets: true } },
    (request, reply) => logInByGoogle(services, request, reply),
  )
  app.get(
    `${PATH}/options`,
    { schema: { querystring: NoQuery }, config: { operation: 'get-login-options' } },
    async () => showOptions(services),
  )
  app.post(`${PATH}/mfa`, options('confirm-login', { body: MfaBody }, true), (request, reply) =>
    confirmLogin(services, request, reply),
  )
  app.post(`${PATH}/workspace`, options('select-workspace', { body: SelectBody }), (request, reply) =>
    selectWorkspace(services, request, reply),
  )
  app.post(`${PATH}/logout`, options('log-out', {}, true), async (request, reply) => {
    await services.sessions.end(loginOf(request).session.sessionId)
    return reply.clearCookie(SESSION_COOKIE, { path: SESSION_PATH }).code(204).send()
  })
  app.get(`${PATH}/session`, options('get-session', { querystring: NoQuery }, true), (request) =>
    showSession(services, request),
  )
  addOwnAccount(app, services, options)
}

function addOwnAccount(app: FastifyInstance, { secondFactors, logins }: Services, options: Options): void {
  const attemptOf = (request: FastifyRequest) => ({ ...(request.body as CodeBody), address: request.ip })
  app.post(`${PATH}/totp`, options('enrol-totp', {}), (request) => secondFactors.enrol(loginOf(request)))
  app.post(`${PATH}/totp/confirm`, options('confirm-totp', { body: CodeBody }), async (request) => ({
    recoveryCodes: await secondFactors.confirmEnrolment(
      loginOf(request),
      attemptOf(request),
      actorOf(request),
    ),
  }))
  app.post(
    `${PATH}/recovery-codes`,
    options('renew-recovery-codes', { body: CodeBody }),
    async (request) => ({
      recoveryCodes: await secondFactors.renewRecoveryCodes(
        loginOf(request),
        attemptOf(request),
        actorOf(request),
      ),
    }),
  )
  app.post(`${PATH}/totp/remove`, options('remove-totp', { body: CodeBody }), async (request, reply) => {
    await secondFactors.remove(loginOf(request), attemptOf(request), actorOf(request))
    return reply.code(204).send()
  })
  app.post(`${PATH}/password`, options('change-password', { body: PasswordBody }), async (request, reply) => {
    const { currentPassword: current, newPassword } = request.body as PasswordBody
    const change = { current, next: newPassword, address: request.ip }
    await logins.changePassword(loginOf(request), change, actorOf(request))
    return reply.code(204).send()
  })
}

/** A working day: who works with it logs in once a day. */
const LIFE_SECONDS = 12 * 3_600

async function logIn(services: Services, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const { email, password, deviceId, cookie = false } = request.body as LoginBody
  // A page of another origin must not log a browser in as somebody else.
  if (cookie) requireOwnOrigin(request)
  const how = { address: request.ip, lifeSeconds: LIFE_SECONDS, deviceId }
  return give(services, request, reply, {
    login: await services.logins.withPassword(email, password, how),
    cookie,
  })
}

async function logInByGoogle(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { idToken, nonce, deviceId, cookie = false } = request.body as GoogleBody
  if (cookie) requireOwnOrigin(request)
  const how = { address: request.ip, lifeSeconds: LIFE_SECONDS, deviceId, nonce }
  return give(services, request, reply, { login: await services.logins.withGoogle(idToken, how), cookie })
}

/** What a page for logging in may offer. Who operates an installation is made or invited, and gets a new password by its people. */
function showOptions({ logins }: Services): object {
  return {
    password: true,
    google: logins.google ?? null,
    selfService: { registration: false, passwordReset: false },
  }
}

async function confirmLogin(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { code, deviceId } = request.body as MfaBody
  const login = loginOf(request)
  const attempt = { code, address: request.ip, deviceId: deviceId ?? login.session.deviceId }
  return give(services, request, reply, { login: await services.secondFactors.verify(login, attempt) })
}

/** The session of before ends: who wants to work in two workspaces at once logs in twice. */
async function selectWorkspace(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { guid } = request.body as SelectBody
  const before = loginOf(request)
  const lifeSeconds = Math.max(1, Math.ceil((before.session.expiresAt - now()) / 1000))
  const { login, entry } = await services.logins.select(before, guid, { address: request.ip, lifeSeconds })
  await services.sessions.end(before.session.sessionId)
  return give(services, request, reply, { login, entry })
}

interface Given {
  login: UserLogin
  entry?: Entry
  /** Where it is left out the cookie is used by who came with one. */
  cookie?: boolean
}

/** The token, in the answer or in a cookie that no script reads. */
async function give(
  { tokens }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { login, entry, cookie = request.headers.authorization === undefined }: Given,
): Promise<object> {
  const { session, operator } = login
  const { userId: subject, email } = operator
  const claims = { subject, email, permissions: [], workspace: entry?.workspace, keyId: undefined }
  const token = await tokens.issueFor(session, claims, USER_TOKEN)
  if (cookie)
    reply.setCookie(SESSION_COOKIE, token, {
      path: SESSION_PATH,
      httpOnly: true,
      sameSite: 'strict',
      secure: request.protocol === 'https',
      maxAge: Math.max(1, Math.floor((session.expiresAt - now()) / 1000)),
    })
  return {
    ...(!cookie && { token }),
    expiresAt: toRfc3339(session.expiresAt),
    user: showUser(login),
    needsCode: !isConfirmed(login),
    workspace: entry ? { guid: entry.workspace.guid, name: entry.workspace.name } : null,
  }
}

function showUser({ operator }: UserLogin): object {
  const { userId: id, email, role, hasTotp } = operator
  return { id, email, role, hasTotp }
}

/** A workspace that does not let the user in any more is none, and the user is told where else to work. */
function noEntry(error: unknown): undefined {
  const isShut = error instanceof CdpError && (error.kind === 'not_found' || error.kind === 'forbidden')
  if (!isShut) throw error
}

async function showSession({ operators }: Services, request: FastifyRequest): Promise<object> {
  const login = loginOf(request)
  const { session } = login
  const confirmed = isConfirmed(login)
  const workspaces = confirmed ? await operators.workspacesOf(login.operator) : []
  const entry =
    confirmed && session.workspaceId !== undefined
      ? await operators.enter(login, session.workspaceId, request.ip).catch(noEntry)
      : undefined
  return {
    user: showUser(login),
    needsCode: !confirmed,
    expiresAt: toRfc3339(session.expiresAt),
    workspace: entry
      ? {
          guid: entry.workspace.guid,
          name: entry.workspace.name,
          role: entry.role,
          permissions: entry.permissions,
          may: permissionsOf(entry.permissions),
        }
      : null,
    workspaces: workspaces.map(({ guid, name, settings }) => ({
      guid,
      name,
      mfaRequired: settings.mfaRequired,
      ipRestricted: settings.ipAllowlist.length > 0,
    })),
  }
}
