import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { unknownFields } from '../../http/items.ts'
import { callerOf } from '../../http/authenticate.ts'
import { unlessReplayed } from '../../http/replay.ts'
import type { Services } from '../../http/services.ts'
import { refuseNumbersAsText, storeUnit, submitUnit } from '../../http/unit.ts'
import type { CommandResult } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller, Workspace } from '../../model/workspace.ts'
import { EVENT_TEXTS, unwrapEvent } from './aliases.ts'
import { mapCustomer, mapEvent } from './mapping.ts'
import { CustomerListQuery, CustomerSchema, EventSchema, OauthBody, TokenBody } from './schemas.ts'
import type { Customer, CustomerEvent } from './schemas.ts'
import { REQUESTS_PER_SECOND } from './settings.ts'
import { showCustomer } from './show.ts'

const STORE = '/core/v3/stores/:storeId'

const FORM = 'application/x-www-form-urlencoded'

/** Adds the routes of the operation table. */
export function register(app: FastifyInstance, services: Services): void {
  registerTokens(app, services)
  const onRequest = guard(services)
  // The body is brought into its one form before the schema sees it, so that pointers name the fields as they came in.
  const preValidation = async (request: FastifyRequest): Promise<void> => {
    const { event, pointer } = unwrapEvent(request.body)
    request.body = event
    request.wrapper = pointer
  }
  app.decorateRequest('wrapper', '')
  for (const [method, id] of [
    ['PATCH', 'write-event'],
    ['POST', 'create-event'],
  ] as const)
    app.route({
      method,
      url: `${STORE}/customer_events`,
      schema: { body: EventSchema },
      config: { operation: id },
      onRequest,
      preValidation,
      handler: (request, reply) => storeEvent(services, request, reply),
    })
  for (const [method, id] of [
    ['PATCH', 'write-customer'],
    ['POST', 'create-customer'],
  ] as const)
    app.route({
      method,
      url: `${STORE}/customers`,
      schema: { body: { type: 'object', required: ['customer'], properties: { customer: CustomerSchema } } },
      config: { operation: id },
      onRequest,
      handler: (request) => storeCustomer(services, request),
    })
  app.get(
    `${STORE}/customers`,
    { schema: { querystring: CustomerListQuery }, config: { operation: 'list-customers' }, onRequest },
    (request) => listCustomers(services, request),
  )
}

declare module 'fastify' {
  interface FastifyRequest {
    /** JSON pointer of the wrapper that the body of an event came in; empty without one. */
    wrapper: string
  }
}

/** How long a token lives. @source reference 2.2: 14 days */
const TOKEN_LIFE_SECONDS = 14 * 86_400

/** @assumed no limit of logins is printed; a client asks for a token once in two weeks */
const TOKENS_PER_MINUTE = 600

function registerTokens(app: FastifyInstance, services: Services): void {
  app.addContentTypeParser(FORM, { parseAs: 'string' }, async (request: FastifyRequest, body: string) => {
    // Forms are taken where clients of OAuth send them, and nowhere else.
    if (request.routeOptions.config.operation !== 'oauth-token')
      throw new CdpError('CDP_MEDIA_TYPE_UNSUPPORTED')
    return Object.fromEntries(new URLSearchParams(body))
  })
  const tokens = { schema: { body: TokenBody }, config: { operation: 'create-token', holdsSecrets: true } }
  app.post(`${STORE}/access_tokens`, tokens, (request, reply) => {
    const { storeId } = request.params as { storeId: string }
    const { secret } = request.body as Static<typeof TokenBody>
    return giveToken(services, request, reply, { storeId, secret })
  })
  const oauth = { schema: { body: OauthBody }, config: { operation: 'oauth-token', holdsSecrets: true } }
  app.post('/oauth/token', oauth, (request, reply) => {
    const { client_id: storeId, client_secret: secret } = request.body as Static<typeof OauthBody>
    return giveToken(services, request, reply, { storeId, secret })
  })
}

/** @throws CDP_KEY_UNKNOWN the secret is nobody's, or another store's; CDP_RATE_LIMITED */
async function giveToken(
  { credentials, limiter, accessTokens }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { storeId, secret }: { storeId: string; secret: string },
): Promise<object> {
  const limit = { name: 'yotpo-tokens', requests: TOKENS_PER_MINUTE, windowSeconds: 60 }
  await limiter.count(request.ip, limit, reply)
  const caller = await credentials.authenticate(secret, 'yotpo')
  const { keyId } = caller
  if (storeOf(caller.workspace) !== storeId || keyId === undefined) throw new CdpError('CDP_KEY_UNKNOWN')
  request.caller = caller
  const token = await accessTokens.issue({ ...caller, keyId }, TOKEN_LIFE_SECONDS)
  return { access_token: token, token_type: 'bearer' }
}

function storeOf({ settings }: Workspace): unknown {
  return settings.dialects['yotpo']?.['storeId']
}

/**
 * The token is checked first, then the rate, then the store: a stranger never learns which stores there are.
 * @source reference 2.2: the header, or a parameter of the query
 * @throws CDP_KEY_MISSING CDP_TOKEN_INVALID CDP_STORE_FOREIGN CDP_WORKSPACE_NOT_FOUND CDP_RATE_LIMITED
 */
function guard(services: Services) {
  return unlessReplayed(async (request, reply) => {
    const caller = await services.accessTokens.authenticate(tokenOf(request), 'yotpo')
    request.caller = caller
    const { workspace } = caller
    const configured = workspace.settings.dialects['yotpo']?.['requestsPerSecond']
    const requests = typeof configured === 'number' ? configured : REQUESTS_PER_SECOND
    await services.limiter.count(workspace.id, { name: 'yotpo-store', requests, windowSeconds: 1 }, reply)
    const { storeId } = request.params as { storeId: string }
    await requireStore(services, caller, storeId)
  })
}

function tokenOf(request: FastifyRequest): string | undefined {
  const { access_token: inQuery } = request.query as { access_token?: unknown }
  const header = request.headers['x-yotpo-token']
  if (typeof header === 'string') return header
  return typeof inQuery === 'string' ? inQuery : undefined
}

/**
 * @assumed another store's path is 403, one that nobody has 404 (reference 2.2); store ids stand in web pages, so it is no secret
 * which there are
 */
async function requireStore({ workspaces }: Services, { workspace }: Caller, storeId: string): Promise<void> {
  if (storeOf(workspace) === storeId) return
  const stores = await workspaces.list()
  const isStore = stores.some(({ settings }) => {
    const block = settings['yotpo']
    return block !== null && typeof block === 'object' && Reflect.get(block, 'storeId') === storeId
  })
  throw new CdpError(isStore ? 'CDP_STORE_FOREIGN' : 'CDP_WORKSPACE_NOT_FOUND')
}

/** 200 also for an event that overrides another (reference 2.3). */
function storeEvent(services: Services, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  refuseNumbersAsText(request, EVENT_TEXTS)
  const event = request.body as CustomerEvent
  const { wrapper: pointer, receivedAt } = request
  const command = mapEvent(event, { pointer, receivedAt })
  const body = { customer_event: { external_id: event.external_id, status: 'accepted' } }
  const answer = () => ({ status: 200, body })
  return submitUnit(services, request, reply, { atomic: 'all', commands: [command], dropped: [], answer })
}

/** Every field of a customer but its own properties and its address is a text or a truth value. */
const CUSTOMER_TEXTS = /^\/customer\/[^/]+$/

/**
 * The customer as it is after the write.
 * @assumed the answer has the customer in the wrapper of the request; one who was erased, and must not come back, is not found
 * @throws CDP_PROFILE_NOT_FOUND
 */
async function storeCustomer(services: Services, request: FastifyRequest): Promise<object> {
  refuseNumbersAsText(request, CUSTOMER_TEXTS)
  const { customer } = request.body as { customer: Customer }
  const mapped = mapCustomer(customer, { pointer: '/customer' })
  const beside = unknownFields(request.body as object, { customer }, '')
  const command = { ...mapped, notices: [...mapped.notices, ...beside] }
  const answer = ([result]: readonly CommandResult[]) => ({
    status: 200,
    body: result && 'profileId' in result ? result.profileId : null,
  })
  const unit = { atomic: 'all', commands: [command], dropped: [], answer } as const
  const { body: profileId } = await storeUnit(services, request, unit)
  if (profileId === null) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return {
    customer: showCustomer(await services.profiles.get(callerOf(request).workspace, Number(profileId))),
  }
}

/** @source reference 2.3: at most 100 a page */
const LIMIT_MAX = 100

/** @assumed the newest first; as many as a page may hold where no limit is given */
async function listCustomers(services: Services, request: FastifyRequest): Promise<object> {
  const { page_info: cursor, limit: asked } = request.query as Static<typeof CustomerListQuery>
  const limit = asked === undefined ? LIMIT_MAX : Number(asked)
  if (limit < 1 || limit > LIMIT_MAX)
    throw new CdpError('CDP_QUERY_INVALID', {
      pointer: '/limit',
      detail: `limit: must be 1 to ${LIMIT_MAX}`,
    })
  const { items, nextCursor } = await services.profiles.list(callerOf(request).workspace, {
    where: {},
    sort: { by: 'createdAt', order: 'desc' },
    page: { limit, cursor },
  })
  return { customers: items.map(showCustomer), pagination: { next_page_info: nextCursor } }
}
