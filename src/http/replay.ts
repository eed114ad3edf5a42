import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Ledger, RejectionRow } from '../core/ledger/index.ts'
import type { CommandResult, Unit } from '../model/command.ts'
import { CdpError } from '../model/errors.ts'
import type { Caller, Workspace } from '../model/workspace.ts'

/** An item of the ledger whose request is to be made again. */
export interface RejectedItem {
  operation: string
  /** As sent, or corrected: the item alone, or the whole body where a request was refused as a whole. */
  item: unknown
  workspace: Workspace
}

/** Where an item goes again; undefined where the ledger does not hold what its address needs. */
export interface ReplayAddress {
  /** Parameters of the operation's path. */
  params: Readonly<Record<string, string>>
  body: unknown
}

/** A dialect, as far as sending again goes. */
interface Replayable {
  name: string
  operations: readonly { id: string; method: string; path: string }[]
  addressOf: (rejected: RejectedItem) => ReplayAddress | undefined
}

/** A request that sends an item again, while it is under way. */
export interface Replay {
  /** For whom it is sent: dialects take this caller in place of their own credential. */
  caller: Caller
  /** What becomes of the item is all or nothing, and once only. */
  bind: (unit: Unit) => Unit
  /** Takes the error that the dialect would have answered. */
  fail: (error: CdpError) => void
}

const running = new AsyncLocalStorage<Replay>()

/** The replay that the present request is part of. Nothing that a client sends can make one. */
export function currentReplay(): Replay | undefined {
  return running.getStore()
}

/** A hook that checks who is calling: not who sends an item again, which the native API has checked. */
export function unlessReplayed(check: (request: FastifyRequest, reply: FastifyReply) => Promise<void>) {
  return (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    currentReplay() ? Promise.resolve() : check(request, reply)
}

/** The body of a call that takes a list: the item alone in it, or the body itself where it was refused as a whole. */
export function inList(item: unknown, member: string): unknown {
  const isWhole = item !== null && typeof item === 'object' && Array.isArray(Reflect.get(item, member))
  return isWhole ? item : { [member]: [item] }
}

/** What came of it: one result for each command; none when an earlier try had stored them already. */
export type ReplayResults = readonly CommandResult[]

/** Sends entries of the ledger again, through the route that refused them. */
export type Replays = (
  caller: Caller,
  rejectionId: string,
  corrected: { item: unknown } | undefined,
) => Promise<ReplayResults>

/**
 * Opens replays over the mounted dialects.
 * @throws CDP_REJECTION_NOT_FOUND CDP_REJECTION_NOT_REPLAYABLE, or what refuses the item this time
 */
export function openReplays(http: FastifyInstance, dialects: readonly Replayable[], ledger: Ledger): Replays {
  return (caller, rejectionId, corrected) =>
    ledger.replay(caller.workspace.id, rejectionId, async (row) => {
      const dialect = dialects.find(({ name }) => name === row.dialect)
      const operation = dialect?.operations.find(({ id }) => id === row.operation)
      const item = corrected ? corrected.item : itemOf(row)
      const { workspace } = caller
      const address = operation && dialect?.addressOf({ operation: operation.id, item, workspace })
      if (!operation || !address) throw notReplayable('Its address is not in the ledger; send it to the API.')
      return send(http, caller, row, operation, address)
    })
}

function itemOf({ item, itemTruncated }: RejectionRow): unknown {
  if (item === undefined || itemTruncated)
    throw notReplayable('The ledger does not hold the whole item; give it in the request.')
  return JSON.parse(item)
}

function notReplayable(detail: string): CdpError {
  return new CdpError('CDP_REJECTION_NOT_REPLAYABLE', { detail })
}

async function send(
  http: FastifyInstance,
  caller: Caller,
  row: RejectionRow,
  { method, path }: { method: string; path: string },
  { params, body }: ReplayAddress,
): Promise<ReplayResults> {
  let results: ReplayResults = []
  let failure: CdpError | undefined
  const replay: Replay = {
    caller,
    bind: (unit) =>
      strictUnit(unit, row.rejectionId, (given) => {
        results = given
      }),
    fail: (error) => {
      failure = error
    },
  }
  const url = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const headers = { 'content-type': 'application/json' }
  const payload = JSON.stringify(body)
  // Waited for inside: an injection begins when somebody waits for it.
  const { statusCode } = await runAs(replay, () =>
    http.inject({ method: method as 'POST', url, headers, payload }).then((reply) => reply),
  )
  if (failure) throw failure
  if (statusCode >= 300)
    throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `a replay answered ${statusCode}` })
  return results
}

let underWay = 0

/** Runs a request as part of a replay. What tells one from others costs every promise of the process, so it ends with the last. */
async function runAs<T>(replay: Replay, work: () => Promise<T>): Promise<T> {
  underWay++
  try {
    return await running.run(replay, work)
  } finally {
    if (--underWay === 0) running.disable()
  }
}

/** An item that comes again is stored whole or refused: nothing of it may disappear a second time. */
function strictUnit(unit: Unit, rejectionId: string, onResults: (results: ReplayResults) => void): Unit {
  const [dropped] = unit.dropped
  if (dropped && unit.commands.length === 0)
    throw notReplayable(`It is dropped again: ${dropped.reason} at "${dropped.pointer}".`)
  return {
    ...unit,
    atomic: 'all',
    strict: true,
    // A crash between the commit and the note in the ledger must not store it twice.
    idempotency: { key: `replay ${rejectionId}`, body: '' },
    answer: (results) => {
      onResults(results)
      return unit.answer(results)
    },
  }
}
