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
  /** Of a request that is stored in several units, which one, from 0. */
  part?: number
  /** The commands say already which of their numbers were kept as text. */
  tellsNumbers?: boolean
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
  { part = 0, tellsNumbers = false, ...mapped }: MappedRequest,
): Promise<Answer> {
  const { workspace, label } = callerOf(request)
  const idempotency = partOf(idempotencyOf(request), part)
  const unit: Unit = {
    workspace,
    dialect: request.dialect,
    operation: operationOf(request),
    credential: label,
    traceId: request.id,
    receivedAt: request.receivedAt,
    // What waits at a time is one part, and all of them hold the whole body.
    bytes: request.rawBody.length,
    ...mapped,
    commands: tellsNumbers ? mapped.commands : withExactNumbers(mapped.commands, request.exactNumbers),
    ...(idempotency && { idempotency }),
  }
  return services.ingest.submit(currentReplay()?.bind(unit) ?? unit)
}

/** Each unit of a request has a key of its own; no header can hold the line feed in it. */
function partOf(idempotency: Unit['idempotency'], part: number): Unit['idempotency'] {
  return idempotency && part > 0 ? { ...idempotency, key: `${idempotency.key}\n${part}` } : idempotency
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

/**
 * The numbers that were kept as text, by the item of a list that they stand in: asking for each item of a long list would
 * look through all of them each time. @param list the list's name in the body
 */
export function exactNumbersByItem(
  { exactNumbers }: FastifyRequest,
  list: string,
): ReadonlyMap<number, string[]> {
  const byItem = new Map<number, string[]>()
  for (const pointer of exactNumbers) {
    const [, name, item] = pointer.split('/', 3)
    if (name !== list || item === undefined) continue
    const known = byItem.get(Number(item))
    if (known) known.push(pointer)
    else byItem.set(Number(item), [pointer])
  }
  return byItem
}

/**
 * Commands with a notice for each number that was kept as text, because a double cannot hold it. Each is looked for from its own
 * place upwards: a body may hold hundreds of thousands, and as many items.
 */
function withExactNumbers(commands: readonly Command[], exactNumbers: readonly string[]): readonly Command[] {
  if (exactNumbers.length === 0) return commands
  const notices = new Map(commands.map(({ pointer }) => [pointer, [] as Notice[]]))
  for (const pointer of exactNumbers)
    noticesAbove(notices, pointer)?.push({ reason: 'number_as_text', pointer })
  return commands.map((command) => ({
    ...command,
    notices: [...command.notices, ...(notices.get(command.pointer) ?? [])],
  }))
}

function noticesAbove(notices: ReadonlyMap<string, Notice[]>, pointer: string): Notice[] | undefined {
  for (let end = pointer.lastIndexOf('/'); end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
    const found = notices.get(pointer.slice(0, end))
    if (found || end === 0) return found
  }
  return undefined
}
