import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { AccountRow } from '../../../core/accounts/index.ts'
import { operationOf } from '../../../http/access-log.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { submitUnit } from '../../../http/unit.ts'
import { CdpError } from '../../../model/errors.ts'
import { mapProfile } from '../clients/mapping.ts'
import type { ProfileWrite } from '../clients/schemas.ts'
import { showProfile } from '../clients/show.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { PROVIDERS, given, ignoredFields, originOf, personOf, saidBy } from './origin.ts'
import {
  ChangePasswordBody,
  DeleteBody,
  EmailChangeBody,
  EmailConfirmBody,
  LogoutBody,
  OwnDataBody,
  PhoneConfirmBody,
  PhoneRequestBody,
  ResetConfirmBody,
  ResetRequestBody,
} from './schemas.ts'

type Act = (request: FastifyRequest) => Promise<void>

/** Adds what profiles do about their own accounts. Who they are comes from the token alone. */
export function registerAccounts(app: FastifyInstance, services: Services): void {
  const post = (id: string, status: number, body: object, act: Act): void => {
    const onRequest = guard(services, operation(id))
    app.post(
      operation(id).path,
      { schema: { body }, config: { operation: id, holdsSecrets: true }, onRequest },
      async (request, reply: FastifyReply) => {
        await act(request)
        return reply.code(status).send()
      },
    )
  }
  registerOwnData(app, services)
  registerPhone(services, post)
  registerPasswords(services, post)
  registerEmail(services, post)
  for (const id of DELETIONS)
    post(id, 200, DeleteBody, async (request) => {
      const account = await accountOf(services, request)
      await requireProofOfOwner(services, request, account)
      await services.accounts.remove(originOf(request), account)
    })
  post('logout-own', 200, LogoutBody, (request) => logOut(services, request))
}

type Post = (id: string, status: number, body: object, act: Act) => void

/** @source reference chapter 4: four deprecated spellings of one act */
const DELETIONS = [
  'delete-account',
  'delete-account-v1',
  'delete-account-oauth',
  'delete-account-apple',
  'delete-account-facebook',
]

function registerOwnData(app: FastifyInstance, services: Services): void {
  const options = (id: string, schema: object = {}) => ({
    schema,
    config: { operation: id },
    onRequest: guard(services, operation(id)),
  })
  app.get('/v4/my-account/personal-information', options('own-data'), async (request) =>
    showProfile(await services.profiles.get(callerOf(request).workspace, personOf(request).profileId)),
  )
  app.post(
    '/v4/my-account/personal-information',
    options('update-own-data', { body: OwnDataBody }),
    (request, reply) => updateOwnData(services, request, reply),
  )
}

/**
 * Only what was sent changes; null resets.
 * @assumed identifiers are ignored, although the vendor lists them: an e-mail needs its own proof, and who names the customId
 * that a shop is about to give to somebody else would get that person's data. 202 as the other updates
 * @throws CDP_BODY_INVALID an empty text
 */
async function updateOwnData(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { email, customId, uuid, tags, ...profile } = request.body as ProfileWrite
  const [empty] = Object.entries(profile).find(([, value]) => value === '') ?? []
  if (empty !== undefined)
    throw new CdpError('CDP_BODY_INVALID', { pointer: `/${empty}`, detail: `${empty}: must not be empty` })
  const { workspace } = callerOf(request)
  const { profileId: ownId } = personOf(request)
  const [profileId = ownId] = await services.profiles.idsOf(workspace, ownId)
  const { identityRule: _rule, ...mapped } = saidBy(
    request,
    mapProfile(profile, {
      pointer: '',
      timezone: workspace.settings.timezone,
      profileId,
    }),
  )
  const notices = [...mapped.notices, ...ignoredFields({ email, customId, uuid, tags })]
  const command = { ...mapped, identifiers: [], item: request.body, notices }
  const answer = () => ({ status: 202, body: undefined })
  return submitUnit(services, request, reply, { atomic: 'all', commands: [command], dropped: [], answer })
}

function registerPhone({ accounts }: Services, post: Post): void {
  post('request-phone-change', 202, PhoneRequestBody, (request) => {
    const { phone } = request.body as Static<typeof PhoneRequestBody>
    return accounts.requestPhoneChange(originOf(request), personOf(request).profileId, phone)
  })
  post('confirm-phone-change', 202, PhoneConfirmBody, (request) => {
    const { phone, confirmationCode: code, smsAgreement } = request.body as Static<typeof PhoneConfirmBody>
    return accounts.confirmPhoneChange(originOf(request), personOf(request).profileId, {
      phone,
      code,
      wantsTexts: smsAgreement ?? undefined,
    })
  })
}

function registerPasswords(services: Services, post: Post): void {
  const { accounts } = services
  post('request-password-reset', 200, ResetRequestBody, (request) => {
    const { email, customId } = request.body as Static<typeof ResetRequestBody>
    return accounts.requestReset(originOf(request), { email: given(email), customId: given(customId) })
  })
  post('confirm-password-reset', 200, ResetConfirmBody, (request) =>
    accounts.confirmReset(originOf(request), request.body as Static<typeof ResetConfirmBody>),
  )
  post('change-password', 200, ChangePasswordBody, async (request) => {
    const account = await accountOf(services, request)
    const { sessionId } = personOf(request)
    const passwords = request.body as Static<typeof ChangePasswordBody>
    await accounts.changePassword(originOf(request), { account, sessionId }, passwords)
  })
}

function registerEmail(services: Services, post: Post): void {
  const { accounts } = services
  const request = (id: string): void =>
    post(id, 200, EmailChangeBody, async (call) => {
      const account = await accountOf(services, call)
      await requireProofOfOwner(services, call, account)
      const { email } = call.body as EmailChangeBody
      await accounts.requestEmailChange(originOf(call), account, email)
    })
  for (const id of ['request-email-change', 'request-email-change-v1', 'request-email-change-facebook'])
    request(id)
  post('confirm-email-change', 200, EmailConfirmBody, (call) => {
    const { token, newsletterAgreement } = call.body as Static<typeof EmailConfirmBody>
    const { accountId } = personOf(call)
    const wantsMail = newsletterAgreement ?? undefined
    return accounts.confirmEmailChange(originOf(call), { token, wantsMail, accountId })
  })
}

async function accountOf(services: Services, request: FastifyRequest): Promise<AccountRow> {
  return services.accounts.get(originOf(request), personOf(request).accountId)
}

/** The deprecated operations are for one provider each. @source reference chapter 4 */
const PROVIDER_OF_OPERATION: Readonly<Record<string, string>> = {
  'delete-account-oauth': 'OAUTH',
  'delete-account-apple': 'APPLE',
  'delete-account-facebook': 'FACEBOOK',
  // @assumed it takes a token of Facebook: the reference has no field for a proof, and a stolen login would be enough
  'request-email-change-facebook': 'FACEBOOK',
}

/**
 * A stolen token is not enough to take an account away.
 * @throws CDP_PASSWORD_WRONG CDP_ATTEMPTS_BLOCKED CDP_IDENTITY_PROVIDER_UNKNOWN CDP_IDENTITY_INVALID
 */
async function requireProofOfOwner(
  services: Services,
  request: FastifyRequest,
  account: AccountRow,
): Promise<void> {
  const { password, identityProvider, externalToken, accessToken, facebookToken } = request.body as DeleteBody
  const token = given(externalToken) ?? given(accessToken) ?? given(facebookToken)
  const provider = PROVIDERS[PROVIDER_OF_OPERATION[operationOf(request)] ?? identityProvider ?? '']
  if (token !== undefined)
    return services.accounts.requireIdentity(originOf(request), account, { provider, token })
  await services.accounts.requirePassword(originOf(request), account, given(password))
}

async function logOut(services: Services, request: FastifyRequest): Promise<void> {
  const { action } = request.body as Static<typeof LogoutBody>
  const { profileId, sessionId } = personOf(request)
  if (action === 'LOGOUT') await services.sessions.end(sessionId)
  else await services.accounts.endSessions(originOf(request), profileId)
}
