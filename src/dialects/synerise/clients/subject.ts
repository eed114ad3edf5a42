import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Profile } from '../../../core/profiles/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { CdpError } from '../../../model/errors.ts'

/**
 * The profile that the path names. An id that was merged away is gone for this vendor's clients.
 * @throws CDP_PROFILE_NOT_FOUND
 */
export async function livingProfile(services: Services, request: FastifyRequest): Promise<Profile> {
  const profile = await services.profiles.get(callerOf(request).workspace, clientIdOf(request))
  if (profile.mergedFrom !== undefined) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return profile
}

/** @throws CDP_PROFILE_NOT_FOUND the profile that the path names is none, or no company */
export async function requireCompany(services: Services, request: FastifyRequest): Promise<void> {
  const { workspace } = callerOf(request)
  if (!(await services.companies.isCompany(workspace, clientIdOf(request))))
    throw new CdpError('CDP_PROFILE_NOT_FOUND')
}

/** A JSON text by itself. */
export function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(text))
}

/** @throws CDP_PROFILE_NOT_FOUND the text can be nobody's id */
export function clientIdOf(request: FastifyRequest): number {
  return idOf((request.params as { clientId: string }).clientId)
}

/** A text as a clientId. @throws CDP_PROFILE_NOT_FOUND it can be nobody's */
export function idOf(clientId: string): number {
  const id = /^\d{1,16}$/.test(clientId) ? Number(clientId) : Number.NaN
  if (!Number.isSafeInteger(id)) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return id
}
