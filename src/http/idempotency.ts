import type { FastifyRequest } from 'fastify'
import { CdpError } from '../model/errors.ts'

const KEY_LENGTH_MAX = 255

/**
 * The Idempotency-Key of a write and the body it belongs to; undefined when the caller sent none. The quotes of
 * the header's structured form may be left out.
 * @throws CDP_IDEMPOTENCY_KEY_INVALID
 * @source draft-ietf-httpapi-idempotency-key-header-07
 */
export function idempotencyOf(request: FastifyRequest): { key: string; body: string } | undefined {
  const header = request.headers['idempotency-key']
  if (header === undefined) return undefined
  const text = String(header).trim()
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (key === '' || key.length > KEY_LENGTH_MAX) throw new CdpError('CDP_IDEMPOTENCY_KEY_INVALID')
  return { key, body: `${request.method} ${request.url}\n${request.rawBody}` }
}
