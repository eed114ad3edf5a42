import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from '../../../http/services.ts'
import { submitUnit } from '../../../http/unit.ts'
import type { Command } from '../../../model/command.ts'

/**
 * Stores all commands of a request or none, and answers without a body.
 * @assumed how the vendor's batches fail in part is not printed (reference, Batch send events)
 */
export async function storeAll(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { commands, status }: { commands: readonly Command[]; status: number },
): Promise<FastifyReply> {
  const answer = () => ({ status, body: undefined })
  return submitUnit(services, request, reply, { atomic: 'all', commands, dropped: [], answer })
}
