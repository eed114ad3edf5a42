import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { basicOf, bearerOf, callerOf } from '../../http/authenticate.ts'
import { unlessReplayed } from '../../http/replay.ts'
import type { Services } from '../../http/services.ts'
import { refuseNumbersAsText, submitUnit } from '../../http/unit.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller } from '../../model/workspace.ts'
import { mapEvent, mapProfile } from './mapping.ts'
import type { MappingContext } from './mapping.ts'
import { EventSchema, ProfilesBody } from './schemas.ts'
import type { Event, Profile } from './schemas.ts'

/** Adds the routes of the operation table. */
export function register(app: FastifyInstance, services: Services): void {
  app.post(
    '/users/profile',
    {
      schema: { body: ProfilesBody },
      config: { operation: 'update-profiles' },
      onRequest: unlessReplayed((request) => authenticateKey(services, request)),
    },
    (request, reply) => storeProfiles(services, request, reply),
  )
  app.post(
    '/v1/events',
    {
      schema: { body: EventSchema },
      config: { operation: 'track-event' },
      onRequest: unlessReplayed(async (request) => {
        if (credentialOf(request) !== undefined) await authenticateKey(services, request)
      }),
      preValidation: unlessReplayed((request) => authenticateApp(services, request)),
    },
    (request, reply) => storeEvent(services, request, reply),
  )
}

/** @assumed the name of the header is not documented: a Bearer token, or the password of HTTP Basic (reference 1.2) */
function credentialOf(request: FastifyRequest): string | undefined {
  return bearerOf(request) ?? basicOf(request)?.password
}

/**
 * @assumed where a workspace has no api key, its app key is the credential of profiles too: an endpoint that takes
 * writes without any credential is not offered
 * @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN
 */
async function authenticateKey(services: Services, request: FastifyRequest): Promise<void> {
  const caller = await services.credentials.authenticate(credentialOf(request), 'pyze')
  if (isAppKey(caller) && requiresApiKey(caller)) throw new CdpError('CDP_KEY_UNKNOWN')
  request.caller = caller
}

/**
 * The app of an event. Without a credential of its own the request is authenticated by the app key alone, where the
 * workspace has no api key.
 * @throws CDP_KEY_MISSING the workspace asks for a key; CDP_PERMISSION_MISSING the app is unknown or another's
 */
async function authenticateApp(services: Services, request: FastifyRequest): Promise<void> {
  const appKey: unknown = (request.body as { appKey?: unknown } | null)?.appKey
  const app = typeof appKey === 'string' && appKey !== '' ? await findApp(services, appKey) : undefined
  if (request.caller) {
    if (app && app.workspace.id !== request.caller.workspace.id) throw new CdpError('CDP_PERMISSION_MISSING')
  } else if (app && requiresApiKey(app)) throw new CdpError('CDP_KEY_MISSING')
  else if (app) request.caller = app
  // The body names no app: the schema refuses it, but nobody has said who is asking.
}

async function findApp(services: Services, appKey: string): Promise<Caller> {
  try {
    const app = await services.credentials.authenticate(appKey, 'pyze')
    if (isAppKey(app)) return app
  } catch (error) {
    if (!(error instanceof CdpError) || error.code !== 'CDP_KEY_UNKNOWN') throw error
  }
  throw new CdpError('CDP_PERMISSION_MISSING', { detail: 'The app key is not known.' })
}

function isAppKey({ permissions }: Caller): boolean {
  return permissions.includes('app')
}

function requiresApiKey({ workspace }: Caller): boolean {
  return workspace.settings.dialects['pyze']?.['requiresApiKey'] !== false
}

/** Fields that the contract wants as texts; all others are the sender's own. */
const TEXTS =
  /^\/(?:userId|event|eventTime|appKey|messageId|sentAt|context\/\w+|user_profiles\/\d+\/(?:userId|customer_id|pyze_id|user_alias\/\w+))$/

/** All or nothing (reference 1.1). */
async function storeProfiles(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  refuseNumbersAsText(request, TEXTS)
  const { user_profiles: profiles } = request.body as { user_profiles: Profile[] }
  const commands = profiles.map((profile, index) =>
    mapProfile(profile, contextOf(request, `/user_profiles/${index}`)),
  )
  const answer = () => ({ status: 202, body: { status: 'accepted', accepted: commands.length } })
  return submitUnit(services, request, reply, { atomic: 'all', commands, dropped: [], answer })
}

async function storeEvent(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  refuseNumbersAsText(request, TEXTS)
  const command = mapEvent(request.body as Event, contextOf(request, ''))
  const answer = () => ({ status: 202, body: { status: 'accepted' } })
  return submitUnit(services, request, reply, { atomic: 'all', commands: [command], dropped: [], answer })
}

function contextOf(request: FastifyRequest, pointer: string): MappingContext {
  return { pointer, settings: callerOf(request).workspace.settings, receivedAt: request.receivedAt }
}
