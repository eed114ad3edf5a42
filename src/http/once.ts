import type { FastifyRequest } from 'fastify'
import type { OnceRequest } from '../core/idempotency/index.ts'
import { operationOf } from './access-log.ts'
import { callerOf } from './authenticate.ts'
import { idempotencyOf } from './idempotency.ts'

/** The Idempotency-Key of a write that does not go through the ingest path; undefined when there is none. */
export function onceOf(request: FastifyRequest): OnceRequest | undefined {
  const idempotency = idempotencyOf(request)
  if (!idempotency) return undefined
  const workspaceId = callerOf(request).workspace.id
  return { workspaceId, dialect: request.dialect, operation: operationOf(request), ...idempotency }
}
