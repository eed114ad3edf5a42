import type { FastifyRequest } from 'fastify'
import type { OnceRequest } from '../core/idempotency/index.ts'
import { operationOf } from './access-log.ts'
import { callerOf } from './authenticate.ts'
import { idempotencyOf } from './idempotency.ts'
import type { Services } from './services.ts'

/** The Idempotency-Key of a write that does not go through the ingest path; undefined when there is none. */
export function onceOf(request: FastifyRequest): OnceRequest | undefined {
  const idempotency = idempotencyOf(request)
  if (!idempotency) return undefined
  const workspaceId = callerOf(request).workspace.id
  return { workspaceId, dialect: request.dialect, operation: operationOf(request), ...idempotency }
}

/** Whether the very same request was answered before: then what it had to find may be gone, and it gets that answer. */
export async function isRepeated({ isAnswered }: Services, request: FastifyRequest): Promise<boolean> {
  const once = onceOf(request)
  return once !== undefined && (await isAnswered(once))
}
