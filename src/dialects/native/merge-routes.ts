import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { CdpError } from '../../model/errors.ts'
import { actorOf, guard } from './guard.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { readLimit, showProfile } from './mapping.ts'
import { profileIdOf } from './params.ts'
import { mayDo } from './permissions.ts'
import { showErasure } from './privacy-routes.ts'
import { PageQuery } from './schemas.ts'
import { DeleteQuery, MergeBody } from './write-schemas.ts'

/** Adds what is about whole profiles: merges, their undoing, deletion. */
export function registerMerges(app: FastifyInstance, services: Services): void {
  const options = (operation: string, permission: string, body?: object) => ({
    ...(body && { schema: { body } }),
    config: { operation },
    onRequest: guard(services, permission),
  })
  const profile = '/api/v1/profiles/:profileId'
  app.delete(
    profile,
    { ...options('delete-profile', 'profiles:delete'), schema: { querystring: DeleteQuery } },
    (request, reply) => deleteProfile(services, request, reply),
  )
  app.post('/api/v1/profiles/merge', options('merge-profiles', 'profiles:merge', MergeBody), (request) =>
    mergeProfiles(services, request),
  )
  app.get(
    `${profile}/merges`,
    { ...options('list-merges', 'profiles:read'), schema: { querystring: PageQuery } },
    (request) => listMerges(services, request),
  )
  app.post(`${profile}/unmerge`, options('unmerge-profile', 'profiles:merge'), (request) =>
    unmergeProfile(services, request),
  )
}

async function deleteProfile(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { mode = 'delete', tombstone = 'false' } = request.query as DeleteQuery
  if (mode === 'erase') return eraseProfile(services, request, reply, tombstone === 'true')
  if (tombstone === 'true') {
    const detail = 'Only an erasure leaves a tombstone: say mode=erase.'
    throw new CdpError('CDP_QUERY_INVALID', { pointer: 'tombstone', detail })
  }
  const target = { profileId: profileIdOf(request), throughMerges: true }
  await services.profiles.delete(callerOf(request).workspace, target, onceOf(request))
  return reply.code(204).send()
}

/** More goes than by a deletion, and later writes may be refused: that takes a permission of its own. */
async function eraseProfile(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  tombstone: boolean,
): Promise<FastifyReply> {
  const caller = callerOf(request)
  if (!mayDo(caller, 'profiles:erase')) throw new CdpError('CDP_PERMISSION_MISSING')
  const { workspace } = caller
  const erasure = await services.privacy.erase(
    { workspace, profileId: profileIdOf(request), tombstone, actor: actorOf(request) },
    onceOf(request),
  )
  return reply.code(202).send(showErasure(erasure))
}

async function listMerges(services: Services, request: FastifyRequest): Promise<object> {
  const { cursor, limit } = request.query as PageQuery
  const { workspace } = callerOf(request)
  const page = { cursor, limit: readLimit(limit) }
  const { items, nextCursor } = await services.profiles.merges(workspace, profileIdOf(request), page)
  return {
    items: items.map(({ fromId, at, by }) => ({ profileId: fromId, at: toRfc3339(at), by })),
    nextCursor,
  }
}

async function unmergeProfile(services: Services, request: FastifyRequest): Promise<object> {
  const { workspace } = callerOf(request)
  const profileId = profileIdOf(request)
  const survivorId = await services.profiles.unmerge(
    { workspace, profileId, actor: actorOf(request) },
    onceOf(request),
  )
  return { profile: showProfile(await services.profiles.get(workspace, profileId)), survivorId }
}

/** With `dryRun` nothing is stored, and the answer shows what the survivor would be. */
async function mergeProfiles(services: Services, request: FastifyRequest): Promise<object> {
  const { workspace, label: by } = callerOf(request)
  const { from, into: winnerId, dryRun = false } = request.body as MergeBody
  const loserIds = [from]
  if (dryRun) {
    const preview = await services.profiles.previewMerge({ workspace, loserIds, winnerId, by })
    return { dryRun, profile: showProfile(preview) }
  }
  await services.profiles.merge(
    { workspace, loserIds, winnerId, by, actor: actorOf(request) },
    onceOf(request),
  )
  return { dryRun, profile: showProfile(await services.profiles.get(workspace, winnerId)) }
}
