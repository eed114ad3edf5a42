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
  found: Found = () => undefined,
): Promise<FastifyReply> {
  const items = request.body as unknown[]
  const refusalOf = itemCheckOf(request)
  const { timezone } = callerOf(request).workspace.settings
  const refused: CdpError[] = []
  const commands = items.flatMap((item, index): Command[] => {
    const pointer = `/${index}`
    const mapped = refusalOf(item, pointer) ?? mapItem(item, { pointer, timezone }, found)
    if (!(mapped instanceof CdpError)) return [mapped]
    refused.push(mapped)
    return []
  })
  const dropped = refused.map(({ pointer = '', message: detail }) => ({
    reason: 'request_refused' as const,
    pointer,
    detail,
    item: items[Number(pointer.split('/')[1])],
  }))
  const answer = (results: readonly CommandResult[]) => {
    const errors = [...refused, ...results.flatMap((result) => (result.ok ? [] : [errorOf(result)]))]
    if (errors.length === 0) return { status: 202, body: undefined }
    return { status: 207, body: errors.map((error) => fieldError(error, items)) }
  }
  return submitUnit(services, request, reply, { atomic: 'each', commands, dropped, answer })
}

/** The profile that an item is about whatever its identifiers say; undefined where they decide. */
type Found = (item: BatchItem) => number | undefined

/**
 * A batch in which a phone number finds a profile, where its item has neither an e-mail nor another identifier: the newest that
 * has the number.
 * @assumed `phoneFilter` is off where it is not sent
 * @source php-sdk, clients/custom-import
 */
export async function importClients(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { phoneFilter } = request.query as { phoneFilter?: string }
  if (phoneFilter !== 'true') return storeBatch(services, request, reply)
  const phones = (request.body as unknown[]).flatMap((item) => phoneOf(item) ?? [])
  const holders = await services.profiles.byPhone(callerOf(request).workspace, phones)
  return storeBatch(services, request, reply, (item) => holders.get(phoneOf(item) ?? ''))
}

/** The phone number of an item that nothing else says whose it is. */
function phoneOf(item: unknown): string | undefined {
  if (item === null || typeof item !== 'object') return undefined
  const { phone, email, customId, uuid, clientId } = item as BatchItem
  const isAlone = !email && !customId && !uuid && typeof clientId !== 'number'
  return isAlone && typeof phone === 'string' ? phone : undefined
}

function mapItem(item: unknown, context: ProfileContext, found: Found): Command | CdpError {
  try {
    const profileId = found(item as BatchItem)
    const command = mapBatchItem(item as BatchItem, context)
    // The number found the profile, but identifies nobody by itself.
    return profileId === undefined ? command : { ...command, profileId, target: 'existing', identifiers: [] }
  } catch (error) {
    return toCdpError(error)
  }
}

function errorOf({ error, pointer }: CommandResult & { ok: false }): CdpError {
  return new CdpError(error.code, { pointer, detail: error.message })
}
