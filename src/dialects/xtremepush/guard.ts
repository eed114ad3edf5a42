import type { FastifyRequest } from 'fastify'
import { authenticate } from '../../http/authenticate.ts'
import { unlessReplayed } from '../../http/replay.ts'
import type { Services } from '../../http/services.ts'

/**
 * The token of an app stands in the body, so a body is read before it is known who sends it.
 * @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN
 * @source vendor page, example call; reference 3.1
 */
export function guard(services: Services) {
  return unlessReplayed(async (request: FastifyRequest) => {
    const token: unknown = (request.body as { apptoken?: unknown } | null | undefined)?.apptoken
    const secret = typeof token === 'string' && token !== '' ? token : undefined
    await authenticate(services, request, secret, 'xtremepush')
  })
}
