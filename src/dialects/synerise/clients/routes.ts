import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { callerOf } from '../../../http/authenticate.ts'
import { isRepeated, onceOf } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import { storeUnit, submitUnit } from '../../../http/unit.ts'
import type { Command, CommandResult, RawIdentifier } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import type { IdentifierKind } from '../../../model/identity.ts'
import { guard } from '../guard.ts'
import { CUSTOM_ID_SPELLINGS, operation } from '../operations.ts'
import { originOf } from '../accounts/origin.ts'
import { LogoutBody } from '../accounts/schemas.ts'
import { importClients, storeBatch } from './batch.ts'
import { registerMerges } from './merges.ts'
import { clientIdOf, idOf, livingProfile, requireCompany, sendText } from './subject.ts'
import { listClients } from './list.ts'
import { mapProfile } from './mapping.ts'
import { BatchBody, BatchItemSchema, ClientListQuery, ImportQuery, ProfileWriteSchema } from './schemas.ts'
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
    store(services, request, reply, profileOf(request)),
  )
  const batchOf = (id: string, schema: object): RouteShorthandOptions => ({
    ...options(id, schema),
    config: { operation: id, itemSchema: BatchItemSchema },
  })
  app.post('/v4/clients/batch', batchOf('batch-clients', { body: BatchBody }), (request, reply) =>
    storeBatch(services, request, reply),
  )
  const imported = batchOf('import-clients', { body: BatchBody, querystring: ImportQuery })
  app.post('/v4/clients/custom-import', imported, (request, reply) => importClients(services, request, reply))
  app.post('/v4/clients/instant', options('create-client-instantly', body), (request, reply) =>
    createInstantly(services, request, reply, profileOf(request)),
  )
  app.post('/v4/company-clients', options('create-company', body), (request, reply) =>
    store(services, request, reply, { ...profileOf(request), isCompany: true }),
  )
  app.delete('/v4/company-clients/:clientId', options('delete-company'), async (request, reply) => {
    if (!(await isRepeated(services, request))) await requireCompany(services, request)
    return deleteById(services, request, reply)
  })
  app.post(
    '/sauth/management/client/:clientID/logout',
    options('logout-client', { body: LogoutBody }),
    (request, reply) => logOutClient(services, request, reply),
  )
  registerById(app, services, options)
  registerMerges(app, services, options)
  registerByIdentifier(app, services, options)
}

type Options = (id: string, schema?: object) => RouteShorthandOptions

function registerById(app: FastifyInstance, services: Services, options: Options): void {
  const path = '/v4/clients/:clientId'
  app.get(path, options('get-client'), async (request) => showProfile(await livingProfile(services, request)))
  app.post(path, options('update-client', { body: ProfileWriteSchema }), (request, reply) =>
    store(services, request, reply, profileOf(request, clientIdOf(request))),
  )
  app.delete(path, options('delete-client'), (request, reply) => deleteById(services, request, reply))
}

async function deleteById(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const target = { profileId: clientIdOf(request) }
  await services.profiles.delete(callerOf(request).workspace, target, onceOf(request))
  return accepted(reply)
}

/**
 * Ends every session of a person.
 * @assumed both actions end all of them: there is no session of the caller's own to end alone
 * @source reference, Log out a Profile (as User/Workspace)
 */
async function logOutClient(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { clientID } = request.params as { clientID: string }
  await services.accounts.endSessions(originOf(request), idOf(clientID))
  return reply.code(200).send()
}

/**
 * Creates or updates like any write, and answers the clientId as a text.
 * @assumed what the text is: the public client that has this operation only says that it is one; "" where the rules of merging
 * let nothing change
 * @source php-sdk, clients/instant
 */
async function createInstantly(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
): Promise<FastifyReply> {
  const answer = ([result]: readonly CommandResult[]) => ({
    status: 200,
    body: result && 'profileId' in result ? String(result.profileId) : '',
  })
  const unit = { atomic: 'all', commands: [command], dropped: [], answer } as const
  const { body } = await storeUnit(services, request, unit)
  return sendText(reply, String(body))
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
    const profileId = (await isRepeated(services, request)) ? undefined : await find(request, kind, value)
    return store(services, request, reply, profileOf(request, profileId))
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

/** @assumed the deletes answer like the writes: 202 without a body (reference, "202?") */
function accepted(reply: FastifyReply): FastifyReply {
  return reply.code(202).send()
}

/** The write that the body means. @param profileId the profile that the path names */
function profileOf(request: FastifyRequest, profileId?: number): Command {
  const { timezone } = callerOf(request).workspace.settings
  const target = profileId === undefined ? {} : { profileId }
  return mapProfile(request.body as ProfileWrite, { pointer: '', timezone, ...target })
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
