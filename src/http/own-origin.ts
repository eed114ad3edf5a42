import type { FastifyRequest } from 'fastify'
import { CdpError } from '../model/errors.ts'

/** The origin of this server, as the request reached it. */
export function ownOriginOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`
}

/**
 * A browser sends a cookie by itself, so a page of another origin must not profit from it. Only reads may come without an
 * Origin: those of the same origin have none, and SameSite=Strict keeps the others' cookies back.
 * @throws CDP_ORIGIN_FORBIDDEN
 */
export function requireOwnOrigin(request: FastifyRequest): void {
  const { origin } = request.headers
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const isOwn = origin === undefined ? isRead : origin === ownOriginOf(request)
  if (!isOwn) throw new CdpError('CDP_ORIGIN_FORBIDDEN')
}
