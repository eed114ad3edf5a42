import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Command, Dropped, Notice, Unit } from '../model/command.ts'
import { operationOf } from './access-log.ts'
import { callerOf } from './authenticate.ts'
import { idempotencyOf } from './idempotency.ts'
import type { Services } from './services.ts'

/** What a dialect's mapping makes of a request. */
export interface MappedRequest {
  atomic: Unit['atomic']
  commands: readonly Command[]
  dropped: readonly Dropped[]
  answer: Unit['answer']
}

/** Hands a mapped request to the write path and sends its answer. */
export async function submitUnit(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  mapped: MappedRequest,
): Promise<FastifyReply> {
  const { workspace, label } = callerOf(request)
  const idempotency = idempotencyOf(request)
  const { status, body } = await services.ingest.submit({
    workspace,
    dialect: request.dialect,
    operation: operationOf(request),
    credential: label,
    traceId: request.id,
    receivedAt: request.receivedAt,
    bytes: request.rawBody.length,
    ...mapped,
    ...(idempotency && { idempotency }),
  })
  return reply.code(status).send(body)
}

/** Ledger entries for the numbers of one item that were kept as text, because a double cannot hold them. */
export function exactNumberNotices(request: FastifyRequest, itemPointer: string): Notice[] {
  return request.exactNumbers
    .filter((pointer) => pointer.startsWith(`${itemPointer}/`))
    .map((pointer) => ({ reason: 'number_as_text', pointer }))
}
