import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { callerOf } from '../../../http/authenticate.ts'
import { onceOf } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import { submitUnit } from '../../../http/unit.ts'
import type { Command, RawIdentifier } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import type { IdentifierKind } from '../../../model/identity.ts'
import { guard } from '../guard.ts'
import { CUSTOM_ID_SPELLINGS, operation } from '../operations.ts'
import { storeBatch } from './batch.ts'
import { listClients } from './list.ts'
import { mapProfile } from './mapping.ts'
import { BatchBody, BatchItemSchema, ClientListQuery, ProfileWriteSchema } from './schemas.ts'
import type { ProfileWrite } from './schemas.ts'
import { showProfile } from './show.ts'

/** Adds the routes of the profile chapter. */
export function registerClients(app: FastifyInstance, services: Services): void {
  const options = (id: string, schema: object = {}): RouteShorthandOptions => ({
    schema,
    config: { operation: id },
    onRequest: guard(services, operation(id)),
  })
  const body = { body: ProfileWriteSchema }
  app.get('/v4/clients', options('list-clients', { querystring: ClientListQuery }), (request) =>
    listClients(services, request),
  )
  app.post('/v4/clients', options('create-client', body), (request, reply) =>
    store(services, request, reply, mapProfile(request.body as ProfileWrite, '')),
  )
  const batch = options('batch-clients', { body: BatchBody })
  const config = { operation: 'batch-clients', itemSchema: BatchItemSchema }
  app.post('/v4/clients/batch', { ...batch, config }, (request, reply) =>
    storeBatch(services, request, reply),
  )
  registerById(app, services, options)
  registerByIdentifier(app, services, options)
}

type Options = (id: string, schema?: object) => RouteShorthandOptions

function registerById(app: FastifyInstance, services: Services, options: Options): void {
  const path = '/v4/clients/:clientId'
  app.get(path, options('get-client'), async (request) => {
    const profile = await services.profiles.get(callerOf(request).workspace, clientIdOf(request))
    // An id that was merged away is gone for this vendor's clients (design: Synerise answers 404).
    if (profile.mergedFrom !== undefined) throw new CdpError('CDP_PROFILE_NOT_FOUND')
    return showProfile(profile)
  })
  app.post(path, options('update-client', { body: ProfileWriteSchema }), (request, reply) =>
    store(services, request, reply, mapProfile(request.body as ProfileWrite, '', clientIdOf(request))),
  )
  app.delete(path, options('delete-client'), async (request, reply) => {
    const target = { profileId: clientIdOf(request) }
    await services.profiles.delete(callerOf(request).workspace, target, onceOf(request))
    return accepted(reply)
  })
}

function registerByIdentifier(app: FastifyInstance, services: Services, options: Options): void {
  const body = { body: ProfileWriteSchema }
  const find = async (request: FastifyRequest, kind: IdentifierKind, value: string): Promise<number> =>
    (await services.profiles.lookup(callerOf(request).workspace, { kind, value })).id
  const update = async (
    request: FastifyRequest,
    reply: FastifyReply,
    kind: IdentifierKind,
    value: string,
  ) => {
    const profileId = await find(request, kind, value)
    return store(services, request, reply, mapProfile(request.body as ProfileWrite, '', profileId))
  }
  app.post('/v4/clients/by-email/:clientEmail', options('update-client-by-email', body), (request, reply) =>
    update(request, reply, 'email', (request.params as { clientEmail: string }).clientEmail),
  )
  for (const spelling of CUSTOM_ID_SPELLINGS) {
    const path = `/v4/clients/${spelling}/:customId`
    app.post(path, options('update-client-by-custom-id', body), (request, reply) =>
      update(request, reply, 'userId', customIdOf(request)),
    )
    app.delete(path, options('delete-client-by-custom-id'), async (request, reply) => {
      const target = { identifier: { kind: 'userId' as const, value: customIdOf(request) } }
      await services.profiles.delete(callerOf(request).workspace, target, onceOf(request))
      return accepted(reply)
    })
  }
  app.get('/v4/clients/:identifierType/:identifierValue', options('fetch-client'), async (request) => {
    const raw = identifierOf(request)
    return showProfile(await services.profiles.find(callerOf(request).workspace, raw))
  })
}

/** Segments of paths, by the kind of identifier that they name. @source reference, Fetch profile data */
const IDENTIFIER_TYPES: Readonly<Record<string, IdentifierKind>> = {
  ...Object.fromEntries(CUSTOM_ID_SPELLINGS.map((spelling) => [spelling, 'userId' as const])),
  'by-phone': 'phone',
  'by-uuid': 'uuid',
  'by-email': 'email',
}

/** The identifier that a path names by `:identifierType` and `:identifierValue`. @throws CDP_PATH_UNKNOWN */
export function identifierOf(request: FastifyRequest): RawIdentifier {
  const { identifierType, identifierValue } = request.params as Record<string, string>
  const kind = IDENTIFIER_TYPES[identifierType ?? '']
  if (kind === undefined) throw new CdpError('CDP_PATH_UNKNOWN')
  return { kind, value: identifierValue ?? '' }
}

function customIdOf(request: FastifyRequest): string {
  return (request.params as { customId: string }).customId
}

/** @throws CDP_PROFILE_NOT_FOUND the text can be nobody's id */
export function clientIdOf(request: FastifyRequest): number {
  const { clientId } = request.params as { clientId: string }
  const id = /^\d{1,16}$/.test(clientId) ? Number(clientId) : Number.NaN
  if (!Number.isSafeInteger(id)) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return id
}

/** @assumed the deletes answer like the writes: 202 without a body (reference, "202?") */
function accepted(reply: FastifyReply): FastifyReply {
  return reply.code(202).send()
}

async function store(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
): Promise<FastifyReply> {
  const answer = () => ({ status: 202, body: undefined })
  return submitUnit(services, request, reply, { atomic: 'all', commands: [command], dropped: [], answer })
}
