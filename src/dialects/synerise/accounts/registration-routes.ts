import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { dataOf, given, ignoredFields, originOf } from './origin.ts'
import { PinBody, RegisterBody, ResendBody, TokenBody } from './schemas.ts'

/** Adds the registration of profiles. @assumed all of it answers 200 without a body (reference, "200?") */
export function registerRegistration(app: FastifyInstance, services: Services): void {
  const { accounts } = services
  const post = (id: string, body: object, act: (request: FastifyRequest) => Promise<void>): void => {
    const onRequest = guard(services, operation(id))
    app.post(
      operation(id).path,
      { schema: { body }, config: { operation: id, holdsSecrets: true }, onRequest },
      async (request, reply: FastifyReply) => {
        await act(request)
        return reply.code(200).send()
      },
    )
  }
  post('register-profile', RegisterBody, (request) => register(services, request))
  post('confirm-registration-pin', PinBody, (request) => {
    const { email, customId, pinCode: pin, deviceId } = request.body as Static<typeof PinBody>
    const names = { email: given(email), customId: given(customId) }
    return accounts.confirmByPin(originOf(request), { ...names, pin, deviceId: given(deviceId) })
  })
  post('resend-registration-pin', ResendBody, (request) => resend(services, request, true))
  post('activate-account', TokenBody, (request) =>
    accounts.confirmByLink(originOf(request), (request.body as Static<typeof TokenBody>).token),
  )
  post('resend-confirmation', ResendBody, (request) => resend(services, request, false))
}

async function register(services: Services, request: FastifyRequest): Promise<void> {
  const { password, deviceId, ...profile } = request.body as RegisterBody
  const { emailIdentity } = callerOf(request).workspace.settings
  // Where an e-mail names the account, whoever registers may not take a customId that a shop gives.
  const ignored = emailIdentity === 'unique' ? ignoredFields({ customId: profile.customId }) : []
  const data = dataOf(request, profile)
  await services.accounts.register(originOf(request), callerOf(request), {
    email: given(profile.email),
    customId: given(profile.customId),
    uuid: given(profile.uuid),
    deviceId: given(deviceId),
    password,
    data: { ...data, notices: [...data.notices, ...ignored] },
  })
}

function resend(services: Services, request: FastifyRequest, onlyPin: boolean): Promise<void> {
  const { email, customId, deviceId } = request.body as Static<typeof ResendBody>
  return services.accounts.resendProof(originOf(request), {
    email: given(email),
    customId: given(customId),
    deviceId: given(deviceId),
    onlyPin,
  })
}
