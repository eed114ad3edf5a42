import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { callerOf } from '../../../http/authenticate.ts'
import { isRepeated, onceOf } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import { CdpError } from '../../../model/errors.ts'
import { operation } from '../operations.ts'
import { idOf } from './subject.ts'
import { showProfile } from './show.ts'

/** @assumed the vendor warns of more than 20 profiles at once, and prints no limit */
const SOURCES_MAX = 100

/** The event that tells of a merge. @source reference, Merge profiles by customId */
const MERGED = { name: 'client.merge', source: 'synerise' }

/** Adds the two merges. */
export function registerMerges(
  app: FastifyInstance,
  services: Services,
  options: (id: string) => RouteShorthandOptions,
): void {
  app.post(operation('merge-by-id').path, options('merge-by-id'), (request) => {
    const { fromClientIds = '', toClientId = '' } = request.params as Record<string, string>
    const sources = textsOf(fromClientIds).map((text) => ({ id: idOf(text), name: idOf(text) }))
    return merge(services, request, { id: idOf(toClientId), name: idOf(toClientId) }, sources)
  })
  app.post(operation('merge-by-custom-id').path, options('merge-by-custom-id'), async (request) => {
    const { sourceCustomIDs = '', targetCustomID = '' } = request.params as Record<string, string>
    const names = [targetCustomID, ...textsOf(sourceCustomIDs)]
    const raws = names.map((value) => ({ kind: 'userId' as const, value }))
    const ids = await services.profiles.holders(callerOf(request).workspace, raws)
    const [target = { id: 0, name: '' }, ...sources] = ids.map((id, place) => ({
      id,
      name: names[place] ?? '',
    }))
    return merge(services, request, target, sources)
  })
}

/** A profile, and what the path calls it. */
interface NamedProfile {
  id: number
  name: number | string
}

/** @throws CDP_QUERY_INVALID none, or more than can be merged at once */
function textsOf(list: string): string[] {
  const texts = list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
  if (texts.length >= 1 && texts.length <= SOURCES_MAX) return texts
  const detail = `must name 1 to ${SOURCES_MAX} profiles`
  throw new CdpError('CDP_QUERY_INVALID', { pointer: '/from', detail })
}

/**
 * Merges the sources into the target, which may stand among them: what the sources have as fields and tags is dropped, custom
 * attributes fill what the target lacks, and their identifiers lead to it.
 * @assumed `previousClients` names the sources as the path does
 * @source reference, Merge profiles by customId
 * @throws CDP_PROFILE_NOT_FOUND one of them is no living profile; nothing is merged
 */
async function merge(
  services: Services,
  request: FastifyRequest,
  target: NamedProfile,
  sources: readonly NamedProfile[],
): Promise<object> {
  const { workspace, label: by } = callerOf(request)
  const isAgain = await isRepeated(services, request)
  const winnerId = target.id
  // Once they were merged, every name leads to the target.
  const others = sources.filter(({ id, name }) => (isAgain ? name !== target.name : id !== winnerId))
  const losers = new Map(others.map(({ id, name }) => [isAgain ? name : id, name]))
  if (!isAgain && others.length > 0)
    await services.profiles.merge(
      { workspace, loserIds: others.map(({ id }) => id), winnerId, by, fill: 'custom', event: MERGED },
      onceOf(request),
    )
  const profile = await services.profiles.get(workspace, winnerId)
  if (profile.mergedFrom !== undefined && !isAgain) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return { ...showProfile(profile), previousClients: [...losers.values()] }
}
