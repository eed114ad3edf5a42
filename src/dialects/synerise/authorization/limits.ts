import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from '../../../http/services.ts'

/** @assumed the vendor prints no limit; a key has too many values to be guessed, so this only bounds the work */
const LOGINS_PER_MINUTE = 6_000

/** Counts the logins of an address. */
export function limitLogins({ limiter }: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const limit = { name: 'synerise-login', requests: LOGINS_PER_MINUTE, windowSeconds: 60 }
    await limiter.count(request.ip, limit, reply)
  }
}
