import type { FastifyRequest } from 'fastify'
import type { UserLogin } from '../core/access/index.ts'
import type { Caller, KeyScope } from '../model/workspace.ts'
import { CdpError } from '../model/errors.ts'
import type { Services } from './services.ts'

/** The token of an `Authorization: Bearer` header; the scheme's letter case does not matter (RFC 9110). */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** User and password of an `Authorization: Basic` header in UTF-8 (RFC 7617). */
export function basicOf(request: FastifyRequest): { user: string; password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/**
 * Checks the secret and remembers the caller on the request.
 * @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN
 */
export async function authenticate(
  services: Services,
  request: FastifyRequest,
  secret: string | undefined,
  scope: KeyScope,
): Promise<Caller> {
  const caller = await services.credentials.authenticate(secret, scope)
  request.caller = caller
  return caller
}

/** The caller that authentication left on the request. @throws CDP_INVARIANT_BROKEN a route without it */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'route without authentication' })
  return request.caller
}

/** The login that authentication left on the request. @throws CDP_INVARIANT_BROKEN a route without it */
export function loginOf(request: FastifyRequest): UserLogin {
  if (!request.login) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'route without authentication' })
  return request.login
}

/** @throws CDP_PERMISSION_MISSING the caller's key lacks the permission */
export function requirePermission(caller: Caller, permission: string): void {
  const { permissions } = caller
  if (!permissions.includes('*') && !permissions.includes(permission))
    throw new CdpError('CDP_PERMISSION_MISSING')
}
