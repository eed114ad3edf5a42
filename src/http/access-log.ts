import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { UserLogin } from '../core/access/index.ts'
import { now } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { Caller } from '../model/workspace.ts'
import type { Metrics } from './metrics.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by authentication. */
    caller: Caller | null
    /** Set where users who have not selected a workspace may call. */
    login: UserLogin | null
    /** When the request came in: the one instant that everything it writes carries. */
    receivedAt: Instant
    /** Name of the dialect that answers, for the log. */
    dialect: string
  }
  interface FastifyContextConfig {
    /** Id of the operation in its dialect's table. */
    operation?: string
    /** The body holds a password, a key or a token: what is refused is neither kept nor shown. */
    holdsSecrets?: boolean
  }
}

/** The operation that a request reached; `none` when no route matched. */
export function operationOf(request: FastifyRequest): string {
  return request.routeOptions.config.operation ?? 'none'
}

/**
 * One line a request: dialect, operation, status, duration, trace id, workspace. Neither bodies nor queries are
 * logged: they hold personal data and, in some vendors' contracts, credentials.
 */
export function addAccessLog(app: FastifyInstance, metrics: Metrics): void {
  app.decorateRequest('caller', null)
  app.decorateRequest('login', null)
  app.decorateRequest('dialect', 'native')
  app.decorateRequest('receivedAt', 0)
  app.addHook('onRequest', (request, _reply, done) => {
    request.receivedAt = now()
    done()
  })
  app.addHook('onRequestAbort', async (request) => {
    request.log.info(
      { ...lineOf(request), status: CLIENT_GONE, durationMs: now() - request.receivedAt },
      'request',
    )
  })
  app.addHook('onResponse', (request, reply, done) => {
    const durationMs = Math.round(reply.elapsedTime * 1000) / 1000
    const line = { ...lineOf(request), status: reply.statusCode, durationMs }
    metrics.request(
      { dialect: line.dialect, operation: line.operation, status: line.status },
      line.durationMs,
    )
    request.log.info(line, 'request')
    done()
  })
}

/** What the log says where the client did not wait for an answer. */
const CLIENT_GONE = 499

interface AccessLine {
  traceId: string
  dialect: string
  operation: string
  method: string
  workspaceId: number | undefined
}

function lineOf(request: FastifyRequest): AccessLine {
  return {
    traceId: request.id,
    dialect: request.dialect,
    operation: operationOf(request),
    method: request.method,
    workspaceId: request.caller?.workspace.id,
  }
}
