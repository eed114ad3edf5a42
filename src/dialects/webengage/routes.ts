import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { authenticate, bearerOf, callerOf } from '../../http/authenticate.ts'
import { unlessReplayed } from '../../http/replay.ts'
import type { Services } from '../../http/services.ts'
import { unknownFields } from '../../http/items.ts'
import { refuseNumbersAsText, submitUnit } from '../../http/unit.ts'
import type { Dropped } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { mapEvent, mapUser } from './mapping.ts'
import type { Mapped, MappingContext } from './mapping.ts'
import { BulkEventsSchema, BulkUsersSchema, EventSchema, UserSchema } from './schemas.ts'
import type { Event, User } from './schemas.ts'

const PATH = '/v1/accounts/:licenseCode'

/** Adds the routes of the operation table. */
export function register(app: FastifyInstance, services: Services): void {
  const bulk = { onRequest: guard(services, 'requestsPerMinute') }
  const single = { onRequest: guard(services, 'singleRequestsPerMinute') }
  const users = (request: FastifyRequest, reply: FastifyReply) => storeUsers(services, request, reply)
  const events = (request: FastifyRequest, reply: FastifyReply) => storeEvents(services, request, reply)
  const user = (status: number) => (request: FastifyRequest, reply: FastifyReply) =>
    storeOne(services, request, reply, status, (item, context) => mapUser(item as User, context))
  const event = (request: FastifyRequest, reply: FastifyReply) =>
    storeOne(services, request, reply, 201, (item, context) => mapEvent(item as Event, context))
  const options = (operation: string, body: object) => ({ schema: { body }, config: { operation } })
  app.post(`${PATH}/bulk-users`, { ...bulk, ...options('bulk-users', BulkUsersSchema) }, users)
  app.post(`${PATH}/bulk-events`, { ...bulk, ...options('bulk-events', BulkEventsSchema) }, events)
  app.post(`${PATH}/users`, { ...single, ...options('create-user', UserSchema) }, user(201))
  // A published client takes nothing but 200 here (reference real-clients 7).
  app.put(`${PATH}/users`, { ...single, ...options('update-user', UserSchema) }, user(200))
  app.post(`${PATH}/events`, { ...single, ...options('create-event', EventSchema) }, event)
}

/**
 * The key is checked first, then the license code, then the rate: a wrong key never learns which codes exist.
 * @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN CDP_WORKSPACE_NOT_FOUND CDP_RATE_LIMITED
 */
function guard(services: Services, limit: keyof typeof DEFAULT_LIMITS) {
  return unlessReplayed(async (request, reply) => {
    const { workspace } = await authenticate(services, request, bearerOf(request), 'webengage')
    const settings = workspace.settings.dialects['webengage'] ?? {}
    const { licenseCode } = request.params as { licenseCode: string }
    if (settings['licenseCode'] !== licenseCode) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
    const configured = settings[limit]
    const requests = typeof configured === 'number' ? configured : DEFAULT_LIMITS[limit]
    await services.limiter.count(
      workspace.id,
      { name: `webengage-${limit}`, requests, windowSeconds: 60 },
      reply,
    )
  })
}

async function storeUsers(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { users } = request.body as { users: User[] }
  const mapped = users.map((user, index) => mapUser(user, contextOf(request, `/users/${index}`)))
  return store(services, request, reply, 201, mapped, unknownInBody(request, { users }))
}

async function storeEvents(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { events } = request.body as { events: Event[] }
  const mapped = events.map((event, index) => mapEvent(event, contextOf(request, `/events/${index}`)))
  return store(services, request, reply, 201, mapped, unknownInBody(request, { events }))
}

async function storeOne(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  map: (item: unknown, context: MappingContext) => Mapped,
): Promise<FastifyReply> {
  return store(services, request, reply, status, [map(request.body, contextOf(request, ''))], [])
}

function contextOf(request: FastifyRequest, pointer: string): MappingContext {
  return { pointer, settings: callerOf(request).workspace.settings, receivedAt: request.receivedAt }
}

function unknownInBody(request: FastifyRequest, known: Readonly<Record<string, unknown>>): Dropped[] {
  const item = request.body as object
  return unknownFields(item, known, '').map((notice) => ({ ...notice, item: {} }))
}

/** Fields whose type the contract fixes; members of `attributes` and `eventData` are the caller's own. */
const FIXED_FIELDS = new RegExp(
  `^(?:/(?:users|events)/\\d+)?/(?:${[UserSchema, EventSchema].flatMap(({ properties }) => Object.keys(properties)).join('|')})$`,
)

/** All or nothing, as the vendor acknowledges a call as a whole. @assumed the vendor documents no partial answer */
async function store(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  mapped: readonly Mapped[],
  droppedFields: readonly Dropped[],
): Promise<FastifyReply> {
  refuseNumbersAsText(request, FIXED_FIELDS)
  const commands = mapped.flatMap((item) => ('command' in item ? [item.command] : []))
  const dropped = [...droppedFields, ...mapped.flatMap((item) => ('dropped' in item ? [item.dropped] : []))]
  const answer = () => ({ status, body: { response: { status: 'queued' } } })
  return submitUnit(services, request, reply, { atomic: 'all', commands, dropped, answer })
}
