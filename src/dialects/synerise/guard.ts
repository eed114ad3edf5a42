import type { FastifyRequest } from 'fastify'
import type { TokenKind } from '../../core/access/index.ts'
import { basicOf, bearerOf, requirePermission } from '../../http/authenticate.ts'
import { unlessReplayed } from '../../http/replay.ts'
import type { Services } from '../../http/services.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller } from '../../model/workspace.ts'
import type { SyneriseOperation } from './operations.ts'

/**
 * What the vendor's tokens of workspaces say.
 * @source reference 0.1: issuer and audience
 * @assumed the realm of a workspace's token; the samples show those of profiles only
 */
export const WORKSPACE_TOKEN: TokenKind = { issuer: 'Synerise', audience: 'API', realm: 'business_profile' }

/** @source reference 0.2 */
const API_VERSION = '4.4'

/**
 * Checks who is calling, what the api key permits, and the version header, in this order.
 * @assumed the order: a caller without a credential learns nothing else
 */
export function guard(services: Services, { permission, path }: SyneriseOperation) {
  return unlessReplayed(async (request) => {
    request.caller = await authenticate(services, request)
    if (permission !== undefined) requirePermission(request.caller, permission)
    if (path.startsWith('/v4/')) requireVersion(request)
  })
}

/** @throws CDP_API_VERSION_INVALID */
export function requireVersion(request: FastifyRequest): void {
  if (request.headers['api-version'] !== API_VERSION) throw new CdpError('CDP_API_VERSION_INVALID')
}

/**
 * The holder of a workspace's token, or of `Basic base64(guid:apiKey)`, which is taken wherever a token is.
 * @source reference 0.1, real-clients 1
 * @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED
 */
async function authenticate(services: Services, request: FastifyRequest): Promise<Caller> {
  const token = bearerOf(request)
  if (token !== undefined) return services.tokens.verify(token, WORKSPACE_TOKEN)
  const basic = basicOf(request)
  const caller = await services.credentials.authenticate(basic?.password, 'workspace')
  if (caller.workspace.guid !== basic?.user.toLowerCase()) throw new CdpError('CDP_KEY_UNKNOWN')
  return caller
}
