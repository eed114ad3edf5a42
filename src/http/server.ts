import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { LogController } from 'fastify'
import type {
  FastifyBaseLogger,
  FastifyHttpOptions,
  FastifyInstance,
  FastifyReply,
  FastifyServerOptions,
} from 'fastify'
import type { Answer } from '../model/command.ts'
import { ERRORS } from '../model/errors.ts'
import { addAccessLog } from './access-log.ts'
import { addBodyParser } from './body-parser.ts'
import { buildLazyCompile } from './route-checks.ts'
import { traceIdOf } from './trace.ts'
import { hasTimeToUpload } from './upload.ts'
import type { Metrics } from './metrics.ts'

/** Bounds and surroundings of the HTTP server. Bytes and milliseconds. */
export interface HttpOptions {
  bodyBytesMax: number
  jsonDepthMax: number
  requestTimeoutMs: number
  headersTimeoutMs: number
  keepAliveTimeoutMs: number
  trustProxy: boolean | number | string[]
  tls: { certFile: string; keyFile: string } | undefined
  logger: FastifyBaseLogger
  metrics: Metrics
  /** See {@link BodyParserOptions}. */
  isCrowded: () => boolean
  /** The answer, in the shape of the path's owner, to what fails before a route is known. */
  onUnroutable: (url: string, error: unknown, traceId: string) => Answer
}

/** Longest path parameter: an identifier of 255 code points, percent-encoded. */
const PARAM_LENGTH_MAX = 255 * 12

/** Node looks for connections that are past their time only this often; its own default is 30 s. */
const CHECK_CONNECTIONS_EVERY_MS = 1_000

/** The HTTP server without routes: parsing, limits, trace ids, the access log. */
export function createHttpServer(options: HttpOptions): FastifyInstance {
  const settings: FastifyHttpOptions<Server> = {
    loggerInstance: options.logger,
    bodyLimit: options.bodyBytesMax,
    requestTimeout: options.requestTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    http: {
      headersTimeout: options.headersTimeoutMs,
      connectionsCheckingInterval: CHECK_CONNECTIONS_EVERY_MS,
    },
    trustProxy: trustOf(options.trustProxy),
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    // One logger for all: a child a request cost more than its one line. Lines carry the trace id themselves.
    childLoggerFactory: (logger) => logger,
    genReqId: (request) => traceIdOf(request),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    // Requests on open connections are still answered while the server closes, by the dialect they are for.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    // A sender's values are stored as sent: nothing is coerced, filled in or taken away.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false },
    },
    schemaController: { compilersFactory: { buildValidator: buildLazyCompile } },
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (error, request, reply) => {
      const { status, body } = options.onUnroutable(request.url, error, request.id)
      const { method } = request
      request.log.info({ traceId: request.id, operation: 'none', method, status }, 'request')
      void (reply as FastifyReply).code(status).header('X-Request-Id', request.id).send(body)
    },
  }
  const app = Fastify(options.tls ? withTls(settings, options.tls) : settings)
  // With a callback, here and in the hooks of every request that wait for nothing: a promise each is a good part of a write.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id)
    reply.header('X-Content-Type-Options', 'nosniff')
    done()
  })
  // Node would answer 417 without a body; RFC 9110 lets a server pass by an expectation that it does not know.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  addAccessLog(app, options.metrics)
  addBodyParser(app, options)
  return app
}

const LATE = 'ERR_HTTP_REQUEST_TIMEOUT'

/** Statuses of what Node refuses before there is a request. */
const PARSER_STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  [LATE]: '408 Request Timeout',
}

const HEAD = Buffer.from('HEAD ')

/** Whether the bytes begin like a HEAD: a body in the answer to one would be taken for another answer. */
function isHead(error: Error): boolean {
  const bytes: unknown = Reflect.get(error, 'rawPacket')
  return bytes instanceof Uint8Array && HEAD.equals(bytes.subarray(0, HEAD.length))
}

/** Answers bytes that are no HTTP request: they have no path yet, so nobody's shape but ours fits. */
function refuseMalformed(error: Error, socket: Socket): void {
  const code: unknown = Reflect.get(error, 'code')
  if (code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  if (code === LATE && hasTimeToUpload(socket, () => refuseMalformed(error, socket))) return
  const status = PARSER_STATUSES[String(code)] ?? '400 Bad Request'
  const type = 'urn:tributary:error:CDP_REQUEST_MALFORMED'
  const title = ERRORS.CDP_REQUEST_MALFORMED.message
  const text = JSON.stringify({
    type,
    title,
    status: Number(status.slice(0, 3)),
    code: 'CDP_REQUEST_MALFORMED',
  })
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${text.length}`
  socket.end(`${head}\r\nConnection: close\r\n\r\n${isHead(error) ? '' : text}`)
}

/** Number: how many proxies stand before the server; list: their addresses. */
function trustOf(trust: HttpOptions['trustProxy']): Exclude<FastifyServerOptions['trustProxy'], undefined> {
  return typeof trust === 'number' ? (_address, hop) => hop < trust : trust
}

// Fastify's types tie TLS to a server class of its own; its instance is used through what both classes share.
function withTls(
  settings: FastifyHttpOptions<Server>,
  tls: { certFile: string; keyFile: string },
): FastifyHttpOptions<Server> {
  const https = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }
  return { ...settings, https } as FastifyHttpOptions<Server>
}
