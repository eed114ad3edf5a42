import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { App, Login } from '../../../core/accounts/index.ts'
import { bearerOf, callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { now } from '../../../lib/time.ts'
import { CdpError } from '../../../model/errors.ts'
import type { ErrorCode } from '../../../model/errors.ts'
import { ANONYMOUS_TOKEN, guard } from '../guard.ts'
import { operation } from '../operations.ts'
import {
  PROVIDERS,
  appOf,
  authenticateApp,
  dataOfLogin,
  given,
  originOf,
  personOf,
  tokenOf,
} from './origin.ts'
import { AnonymousBody, LoginBody, RefreshBody } from './schemas.ts'

/** Adds the logins of profiles. */
export function registerProfileLogins(app: FastifyInstance, services: Services): void {
  const post = (id: string, body: object, handler: (request: FastifyRequest) => Promise<object>): void => {
    for (const spelling of [id, `${id}-v2`])
      app.post(
        operation(spelling).path,
        { schema: { body }, config: { operation: spelling, holdsSecrets: true } },
        handler,
      )
  }
  post('login-anonymous', AnonymousBody, (request) => logInAnonymously(services, request))
  post('login-profile', LoginBody, async (request) => {
    const { apiKey } = request.body as LoginBody
    const holder = await authenticateApp(services, request, apiKey)
    return tokenOf(services, holder, await logIn(services, request, holder, true))
  })
  post('login-profile-conditional', LoginBody, (request) => logInConditionally(services, request))
  for (const id of ['refresh-profile', 'refresh-profile-v2']) {
    const onRequest = guard(services, operation(id))
    app.post(
      operation(id).path,
      { schema: { body: RefreshBody }, config: { operation: id, holdsSecrets: true }, onRequest },
      (request) => refresh(services, request),
    )
  }
}

async function logInAnonymously(services: Services, request: FastifyRequest): Promise<{ token: string }> {
  const { apiKey, uuid, deviceId } = request.body as Static<typeof AnonymousBody>
  const holder = await authenticateApp(services, request, apiKey)
  const login = { uuid: given(uuid), deviceId: given(deviceId) }
  return tokenOf(services, holder, await services.accounts.logInAnonymously(originOf(request), holder, login))
}

/**
 * @assumed identityProvider UNKNOWN is refused: nothing says what it would check
 * @throws CDP_LOGIN_FAILED CDP_BODY_INVALID CDP_EMAIL_LINK_REQUIRED CDP_EMAIL_PIN_REQUIRED CDP_ATTEMPTS_BLOCKED
 */
async function logIn(
  services: Services,
  request: FastifyRequest,
  holder: App,
  creates: boolean,
): Promise<Login> {
  const { identityProvider, ...body } = request.body as LoginBody
  if (identityProvider !== 'SYNERISE') return logInByProvider(services, request, holder, creates)
  const password = given(body.password)
  if (password === undefined)
    throw new CdpError('CDP_BODY_INVALID', { pointer: '/password', detail: 'password: is required' })
  const names = { email: given(body.email), customId: given(body.customId) }
  const device = { uuid: given(body.uuid), deviceId: given(body.deviceId) }
  const login = { ...names, ...device, password, data: dataOfLogin(request, body) }
  return services.accounts.logInByPassword(originOf(request), holder, login)
}

/**
 * @assumed UNKNOWN is refused: nothing says what it would check
 * @throws CDP_BODY_INVALID no token; CDP_IDENTITY_PROVIDER_UNKNOWN CDP_IDENTITY_INVALID CDP_LOGIN_FAILED
 */
async function logInByProvider(
  services: Services,
  request: FastifyRequest,
  holder: App,
  creates: boolean,
): Promise<Login> {
  const { identityProvider, identityProviderToken, uuid, deviceId, ...body } = request.body as LoginBody
  const token = given(identityProviderToken)
  const provider = PROVIDERS[identityProvider]
  if (provider === undefined) throw new CdpError('CDP_IDENTITY_PROVIDER_UNKNOWN')
  if (token === undefined)
    throw new CdpError('CDP_BODY_INVALID', {
      pointer: '/identityProviderToken',
      detail: 'identityProviderToken: is required',
    })
  const data = dataOfLogin(request, body)
  const device = { uuid: given(uuid), deviceId: given(deviceId) }
  return services.accounts.logInExternally(originOf(request), holder, {
    ...device,
    provider,
    token,
    data,
    creates,
  })
}

/**
 * What stands in the way of a login, as the vendor's statuses.
 * @assumed the names of the conditions; what sets the last three: attributes that the workspace names must be true
 */
const CONDITIONS: Partial<Record<ErrorCode, { status: string; conditions: string[] }>> = {
  CDP_LOGIN_FAILED: { status: 'UNAUTHORIZED', conditions: [] },
  CDP_IDENTITY_INVALID: { status: 'UNAUTHORIZED', conditions: [] },
  CDP_ACCOUNT_MISSING: { status: 'REGISTRATION_REQUIRED', conditions: [] },
  CDP_EMAIL_LINK_REQUIRED: { status: 'ACTIVATION_REQUIRED', conditions: ['EMAIL_ACTIVATION'] },
  CDP_EMAIL_PIN_REQUIRED: { status: 'ACTIVATION_REQUIRED', conditions: ['PIN_CONFIRMATION'] },
  CDP_APPROVAL_REQUIRED: { status: 'APPROVAL_REQUIRED', conditions: ['APPROVAL'] },
  CDP_TERMS_REQUIRED: { status: 'TERMS_ACCEPTANCE_REQUIRED', conditions: ['TERMS_ACCEPTANCE'] },
  CDP_ACCOUNT_MFA_REQUIRED: { status: 'MFA_REQUIRED', conditions: ['MFA'] },
}

/**
 * A login that answers 200 with what is missing. It never makes an account.
 * @source reference, Authenticate as Profile (conditional): a token of an anonymous profile may come with it
 */
async function logInConditionally(services: Services, request: FastifyRequest): Promise<object> {
  const { apiKey } = request.body as LoginBody
  const token = bearerOf(request)
  if (token !== undefined) await services.callers.ofToken(token, [ANONYMOUS_TOKEN])
  const holder = await authenticateApp(services, request, apiKey)
  try {
    const login = await logIn(services, request, holder, false)
    return { conditions: [], status: 'SUCCESS', ...(await tokenOf(services, holder, login)) }
  } catch (error) {
    const unmet = error instanceof CdpError ? CONDITIONS[error.code] : undefined
    if (!unmet) throw error
    return unmet
  }
}

/** @throws CDP_KEY_UNKNOWN the key is not the one of the login */
async function refresh(services: Services, request: FastifyRequest): Promise<{ token: string }> {
  const { apiKey } = request.body as Static<typeof RefreshBody>
  const caller = callerOf(request)
  const key = await services.credentials.authenticate(apiKey, 'profile')
  const { person } = caller
  if (key.keyId !== caller.keyId || key.workspace.id !== caller.workspace.id || !person)
    throw new CdpError('CDP_KEY_UNKNOWN')
  const session = await services.sessions.find(person.sessionId)
  if (!session) throw new CdpError('CDP_TOKEN_INVALID')
  const expiresAt = now() + caller.workspace.settings.tokenLifeSeconds * 1000
  await services.sessions.extend(session.sessionId, expiresAt)
  const account =
    person.kind === 'profile'
      ? await services.accounts.get(originOf(request), personOf(request).accountId)
      : undefined
  const login = {
    session: { ...session, expiresAt },
    profileId: session.profileId ?? 0,
    email: account?.email,
  }
  return tokenOf(services, appOf(caller), login)
}
