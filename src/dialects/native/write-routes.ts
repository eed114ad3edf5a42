import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { callerOf } from '../../http/authenticate.ts'
import { itemCheckOf } from '../../http/items.ts'
import type { Services } from '../../http/services.ts'
import { submitUnit } from '../../http/unit.ts'
import type { Command, CommandResult } from '../../model/command.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import { guard } from './guard.ts'
import { etagOf, ifMatchOf, profileIdOf } from './params.ts'
import { mapEventItem, mapPatch, mapProfileItem, showRefusal, showResult } from './write-mapping.ts'
import { EventItem, ItemsBody, ProfileItem, ProfilePatch } from './write-schemas.ts'

/** Adds the native API's writes. */
export function registerWrites(app: FastifyInstance, services: Services): void {
  const options = (operation: string, permission: string, body?: object, itemSchema?: TSchema) => ({
    ...(body && { schema: { body } }),
    config: { operation, ...(itemSchema && { itemSchema }) },
    onRequest: guard(services, permission),
  })
  app.post(
    '/api/v1/events',
    options('create-events', 'events:write', ItemsBody, EventItem),
    (request, reply) =>
      storeItems(services, request, reply, (item, pointer) =>
        mapEventItem(item as EventItem, pointer, request.receivedAt),
      ),
  )
  app.post(
    '/api/v1/profiles',
    options('write-profiles', 'profiles:write', ItemsBody, ProfileItem),
    (request, reply) =>
      storeItems(services, request, reply, (item, pointer) => mapProfileItem(item as ProfileItem, pointer)),
  )
  app.patch(
    '/api/v1/profiles/:profileId',
    options('patch-profile', 'profiles:write', ProfilePatch),
    (request, reply) => patchProfile(services, request, reply),
  )
}

/** Every item stands for itself; the answer has one result for each, in their order. */
async function storeItems(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  map: (item: unknown, pointer: string) => Command,
): Promise<FastifyReply> {
  const { items } = request.body as { items: unknown[] }
  const refusalOf = itemCheckOf(request)
  const mapped = items.map((item, index): Command | CdpError => {
    const pointer = `/items/${index}`
    try {
      const refusal = refusalOf(item, pointer)
      if (refusal) return refusal
      return map(item, pointer)
    } catch (error) {
      return toCdpError(error)
    }
  })
  const commands = mapped.flatMap((entry) => (entry instanceof CdpError ? [] : [entry]))
  const dropped = mapped.flatMap((entry, index) =>
    entry instanceof CdpError
      ? [
          {
            reason: 'request_refused' as const,
            pointer: entry.pointer ?? '',
            detail: entry.message,
            item: items[index],
          },
        ]
      : [],
  )
  const answer = (results: readonly CommandResult[]) => ({
    status: 200,
    body: { items: resultsOf(mapped, results) },
  })
  return submitUnit(services, request, reply, { atomic: 'each', commands, dropped, answer })
}

function resultsOf(mapped: readonly (Command | CdpError)[], results: readonly CommandResult[]): object[] {
  let next = 0
  return mapped.map((entry) => {
    if (entry instanceof CdpError) return showRefusal(entry, entry.pointer ?? '')
    const result = results[next++]
    if (!result) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'a command without result' })
    return showResult(result)
  })
}

async function patchProfile(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { workspace } = callerOf(request)
  const ifVersion = ifMatchOf(request)
  const { id } = await services.profiles.get(workspace, profileIdOf(request))
  const command = mapPatch(request.body as ProfilePatch, id, ifVersion)
  const answer = ([result]: readonly CommandResult[]) => {
    const version = result?.ok && 'version' in result ? result.version : undefined
    if (version !== undefined) reply.header('ETag', etagOf(version))
    return { status: 204, body: undefined }
  }
  return submitUnit(services, request, reply, {
    atomic: 'all',
    commands: [command],
    dropped: [],
    answer,
  })
}
