import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Command, Dropped, Notice, Unit } from '../model/command.ts'
import { CdpError } from '../model/errors.ts'
import { operationOf } from './access-log.ts'
import { callerOf } from './authenticate.ts'
import { idempotencyOf } from './idempotency.ts'
import { currentReplay } from './replay.ts'
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
  const { status, body } = await storeUnit(services, request, mapped)
  return reply.code(status).send(body)
}

/** Hands a mapped request to the write path. @returns its answer, for a route that says more than that */
export async function storeUnit(
  services: Services,
  request: FastifyRequest,
  mapped: MappedRequest,
): Promise<Answer> {
  const { workspace, label } = callerOf(request)
  const idempotency = idempotencyOf(request)
  const unit: Unit = {
    workspace,
    dialect: request.dialect,
    operation: operationOf(request),
    credential: label,
    traceId: request.id,
    receivedAt: request.receivedAt,
    bytes: request.rawBody.length,
    ...mapped,
    ...(idempotency && { idempotency }),
  }
  return services.ingest.submit(currentReplay()?.bind(unit) ?? unit)
}

/**
 * A number that no double holds reached the schema as text and passed where a text is asked for; a shorter number
 * does not, so neither must this one.
 * @param texts matches the pointers of fields that the contract wants as text
 * @throws CDP_BODY_INVALID
 */
export function refuseNumbersAsText(request: FastifyRequest, texts: RegExp): void {
  const pointer = request.exactNumbers.find((candidate) => texts.test(candidate))
  if (pointer !== undefined) throw new CdpError('CDP_BODY_INVALID', { pointer, detail: 'must be string' })
}

/** Ledger entries for the numbers of one item that were kept as text, because a double cannot hold them. */
export function exactNumberNotices(request: FastifyRequest, itemPointer: string): Notice[] {
  return request.exactNumbers
    .filter((pointer) => pointer.startsWith(`${itemPointer}/`))
    .map((pointer) => ({ reason: 'number_as_text', pointer }))
}
