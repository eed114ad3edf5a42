import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../../http/authenticate.ts'
import { itemCheckOf } from '../../../http/items.ts'
import type { Services } from '../../../http/services.ts'
import { submitUnit } from '../../../http/unit.ts'
import type { Command, CommandResult } from '../../../model/command.ts'
import { CdpError, toCdpError } from '../../../model/errors.ts'
import { fieldError } from '../errors.ts'
import { mapBatchItem } from './mapping.ts'
import type { ProfileContext } from './mapping.ts'
import type { BatchItem } from './schemas.ts'

/**
 * Each item stands for itself: 202 without a body when all are accepted, else 207 with the errors of the others.
 * @source reference, Batch add or update profiles
 */
export async function storeBatch(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const items = request.body as unknown[]
  const refusalOf = itemCheckOf(request)
  const { timezone } = callerOf(request).workspace.settings
  const refused: CdpError[] = []
  const commands = items.flatMap((item, index): Command[] => {
    const pointer = `/${index}`
    const mapped = refusalOf(item, pointer) ?? mapItem(item, { pointer, timezone })
    if (!(mapped instanceof CdpError)) return [mapped]
    refused.push(mapped)
    return []
  })
  const dropped = refused.map(({ pointer = '' }) => ({
    reason: 'request_refused' as const,
    pointer,
    item: items[Number(pointer.split('/')[1])],
  }))
  const answer = (results: readonly CommandResult[]) => {
    const errors = [...refused, ...results.flatMap((result) => (result.ok ? [] : [errorOf(result)]))]
    if (errors.length === 0) return { status: 202, body: undefined }
    return { status: 207, body: errors.map((error) => fieldError(error, items)) }
  }
  return submitUnit(services, request, reply, { atomic: 'each', commands, dropped, answer })
}

function mapItem(item: unknown, context: ProfileContext): Command | CdpError {
  try {
    return mapBatchItem(item as BatchItem, context)
  } catch (error) {
    return toCdpError(error)
  }
}

function errorOf({ error, pointer }: CommandResult & { ok: false }): CdpError {
  return new CdpError(error.code, { pointer, detail: error.message })
}
