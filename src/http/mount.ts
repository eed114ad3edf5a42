import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../model/command.ts'
import type { Instant } from '../lib/time.ts'
import { CdpError } from '../model/errors.ts'
import { operationOf } from './access-log.ts'
import { deprecationHeaders } from './deprecation.ts'
import type { Deprecation } from './deprecation.ts'
import { addErrorHeaders, asCdpError } from './errors.ts'
import { currentReplay } from './replay.ts'
import type { RejectedItem, ReplayAddress } from './replay.ts'
import type { Services } from './services.ts'

/** What an error answer may name of its request. */
export interface ErrorContext {
  traceId: string
  /** The path as requested, without its query. */
  path: string
  at: Instant
  /** The parsed body; undefined when there is none, and where it holds secrets: vendors' errors show values. */
  body: unknown
}

/** What a dialect tells the edge about itself. */
export interface Mountable {
  name: string
  /** Path prefixes under which this dialect answers whatever goes wrong. */
  prefixes: readonly string[]
  operations: readonly { id: string; method: string; path: string; deprecated?: Deprecation }[]
  /** Any error of the table in the vendor's shape. */
  errorAnswer: (error: CdpError, context: ErrorContext) => Answer
  /** Where an item that this dialect refused is sent again. */
  addressOf: (rejected: RejectedItem) => ReplayAddress | undefined
  /** Adds the routes. */
  register: (app: FastifyInstance, services: Services) => void
}

/** Mounts a dialect: its routes, and its own answers to every error below its prefixes. */
export async function mountDialect(
  app: FastifyInstance,
  dialect: Mountable,
  services: Services,
): Promise<void> {
  const deprecated = deprecationHeaders(dialect.operations)
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request, reply, done) => {
      request.dialect = dialect.name
      // Before anything can refuse the request: the headers stay on errors.
      reply.headers(deprecated(operationOf(request)))
      request.caller = currentReplay()?.caller ?? null
      done()
    })
    scope.setErrorHandler((error, request, reply) => answerError(dialect, services, error, request, reply))
    dialect.register(scope, services)
    for (const prefix of dialect.prefixes) {
      await scope.register(
        async (below) => {
          below.setNotFoundHandler((request) => refuseUnrouted(dialect, request))
        },
        { prefix },
      )
    }
  })
}

/** Answers in the dialect's shape; what is ours is logged with its cause, never shown. */
export async function answerError(
  dialect: Mountable,
  services: Services,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const error = asCdpError(thrown)
  if (error.kind === 'internal' || error.kind === 'unavailable') {
    request.log.error({ traceId: request.id, code: error.code, err: error.cause ?? error }, error.message)
  }
  if (error.code === 'CDP_METHOD_NOT_ALLOWED')
    reply.header('Allow', allowedMethods(dialect, request).join(', '))
  addErrorHeaders(reply, error)
  // Whoever sends an entry of the ledger again is told; it is in the ledger already.
  const replay = currentReplay()
  if (replay) replay.fail(error)
  else noteRefusal(services, dialect, error, request)
  const { status, body } = dialect.errorAnswer(error, contextOf(request))
  return reply.code(status).send(body)
}

function contextOf(request: FastifyRequest): ErrorContext {
  const { holdsSecrets } = request.routeOptions.config
  const body = holdsSecrets ? undefined : request.body
  return { traceId: request.id, path: pathOf(request.url), at: request.receivedAt, body }
}

/** A URL's path as it was sent. */
export function pathOf(url: string): string {
  const [path = ''] = url.split('?', 1)
  return path
}

/** Refusals of a known caller go to the ledger after the answer; those of strangers are only counted. */
function noteRefusal(services: Services, dialect: Mountable, error: CdpError, request: FastifyRequest): void {
  if (error.kind === 'unauthenticated') services.metrics.unauthenticated(dialect.name)
  const { caller } = request
  const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
  // What failed inside is in the ledger by item already; a caller that went away refused nothing.
  const isKept = error.kind !== 'unavailable' && error.kind !== 'internal' && error.code !== 'CDP_CLIENT_GONE'
  if (!caller || !isWrite || !isKept) return
  const { holdsSecrets, uploads } = request.routeOptions.config
  services.ledger.note({
    workspaceId: caller.workspace.id,
    at: request.receivedAt,
    dialect: dialect.name,
    operation: operationOf(request),
    reason: 'request_refused',
    pointer: error.pointer ?? '',
    detail: error.message,
    // A refused call stores none of its items: the whole body is what a replay needs. A file went by as it came.
    item: holdsSecrets || uploads ? null : (request.body ?? null),
    identifiers: [],
    profileId: undefined,
    traceId: request.id,
  })
}

/**
 * Refuses a request that no route takes.
 * @throws CDP_METHOD_NOT_ALLOWED the path answers to another method; CDP_PATH_UNKNOWN
 */
export function refuseUnrouted(dialect: Mountable, request: FastifyRequest): never {
  const isKnownPath = allowedMethods(dialect, request).length > 0
  throw new CdpError(isKnownPath ? 'CDP_METHOD_NOT_ALLOWED' : 'CDP_PATH_UNKNOWN')
}

/** Methods that the requested path answers to. */
function allowedMethods(dialect: Mountable, request: FastifyRequest): string[] {
  const path = pathOf(request.url)
  const methods = dialect.operations
    .filter((operation) => matches(operation.path, path))
    .map(({ method }) => method)
  return [...new Set(methods)].sort()
}

function matches(template: string, path: string): boolean {
  const expected = template.split('/')
  const given = path.split('/')
  return (
    expected.length === given.length &&
    expected.every((token, index) => (token.startsWith(':') ? given[index] !== '' : token === given[index]))
  )
}
