import { setTimeout as delay } from 'node:timers/promises'
import { now } from '../../lib/time.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import type { CommandResult } from '../../model/command.ts'
import { isStorageUnavailable, isRetryable, storageUnavailable } from '../../storage/db.ts'
import type { Partitions } from '../../storage/partitions.ts'
import type { Ledger } from '../ledger/index.ts'
import { commitUnits } from './commit.ts'
import type { CommitContext } from './commit.ts'
import type { UnitOutcome } from './pipeline.ts'
import type { PreparedUnit } from './prepared.ts'
import type { IngestQueue, Waiting } from './queue.ts'
import { StaleRead } from './stale-read.ts'

/** What a flusher works with. */
export interface FlusherContext extends CommitContext {
  queue: IngestQueue
  partitions: Partitions
  refusals: Ledger
  onUnitFailed: (error: unknown, unit: PreparedUnit) => void
}

const RETRY_EVERY_MS = 100

/** Stale reads in a row before a flush is cut in halves: then its units get in each other's way elsewhere. */
const STALE_TRIES_MAX = 20

/**
 * Takes what waits, commits it, answers; until the queue is closed and empty. Several run side by side, each
 * with one transaction at a time.
 */
export async function runFlusher(context: FlusherContext): Promise<void> {
  for (;;) {
    const items = await context.queue.take()
    if (!items) return
    const outcomes = await runUnits(
      items.map(({ prepared }) => prepared),
      context,
    )
    context.queue.release(items)
    settle(items, outcomes)
  }
}

function settle(items: readonly Waiting[], outcomes: readonly UnitOutcome[]): void {
  const byUnit = new Map(outcomes.map((outcome) => [outcome.unit, outcome]))
  for (const item of items) {
    const outcome = byUnit.get(item.prepared)
    if (outcome && 'answer' in outcome) item.resolve(outcome.answer)
    else item.reject(outcome?.error ?? new CdpError('CDP_INVARIANT_BROKEN'))
  }
}

/**
 * Runs units to their end, whatever happens: again after a stale read, a deadlock or a lost connection; in halves
 * after any other SQL error, so that only the one that causes it fails. Never throws.
 */
async function runUnits(
  units: readonly PreparedUnit[],
  context: FlusherContext,
): Promise<readonly UnitOutcome[]> {
  for (let stale = 0; ;) {
    try {
      await ensurePartitions(units, context.partitions)
      const outcomes = await commitUnits(units, context)
      context.outage.end()
      return outcomes
    } catch (error) {
      if (isContended(error) && ++stale < STALE_TRIES_MAX) continue
      if (!isStorageUnavailable(error)) return splitUnits(units, context, error)
      if (context.outage.note(error)) return refuseAll(units, error)
      await delay(RETRY_EVERY_MS)
    }
  }
}

/** Whether other writers were in the way: trying again helps, and the unit itself is not at fault. */
function isContended(error: unknown): boolean {
  return error instanceof StaleRead || isRetryable(error)
}

async function ensurePartitions(units: readonly PreparedUnit[], partitions: Partitions): Promise<void> {
  const instants: number[] = []
  let newest = 0
  for (const { unit, commands } of units) {
    newest = Math.max(newest, unit.receivedAt)
    for (const { command } of commands) if (command.event) instants.push(command.event.occurredAt)
  }
  await partitions.ensureEvents(instants)
  await partitions.ensureLogs(newest)
}

function refuseAll(units: readonly PreparedUnit[], cause: unknown): UnitOutcome[] {
  const error = storageUnavailable(cause)
  return units.map((unit) => ({ unit, error }))
}

async function splitUnits(
  units: readonly PreparedUnit[],
  context: FlusherContext,
  error: unknown,
): Promise<readonly UnitOutcome[]> {
  const [first] = units
  if (!first) return []
  if (error instanceof CdpError && error.code === 'CDP_COMMIT_UNKNOWN')
    return units.map((unit) => ({ unit, error }))
  if (units.length > 1) {
    const middle = Math.ceil(units.length / 2)
    const left = await runUnits(units.slice(0, middle), context)
    return [...left, ...(await runUnits(units.slice(middle), context))]
  }
  if (first.unit.atomic === 'each' && first.commands.length > 1) return [await splitCommands(first, context)]
  if (isContended(error)) {
    return [{ unit: first, error: new CdpError('CDP_OVERLOADED', { cause: error, retryAfterSeconds: 1 }) }]
  }
  return [await failUnit(first, context, error)]
}

/**
 * The commands of a unit whose contract lets each stand for itself are run in halves too; the answer is made from
 * all of them at the end, and kept for its Idempotency-Key only then.
 */
async function splitCommands(whole: PreparedUnit, context: FlusherContext): Promise<UnitOutcome> {
  const results: CommandResult[] = []
  for (const [index, result] of whole.refused) results[index] = result
  const middle = Math.ceil(whole.commands.length / 2)
  for (const commands of [whole.commands.slice(0, middle), whole.commands.slice(middle)]) {
    const collect = (given: readonly CommandResult[]): { status: number; body: undefined } => {
      for (const { index } of commands) {
        const result = given[index]
        if (result) results[index] = result
      }
      return { status: 0, body: undefined }
    }
    const unit = { ...whole.unit, dropped: [], answer: collect }
    const part = { ...whole, unit, commands, refused: new Map(), idempotency: undefined }
    const [outcome] = await runUnits([part], context)
    if (!outcome || !('error' in outcome)) continue
    for (const { index, command } of commands) {
      results[index] = { ok: false, error: outcome.error, pointer: command.pointer }
    }
  }
  const unit = { ...whole.unit, answer: () => whole.unit.answer(results) }
  const [last] = await runUnits([{ ...whole, unit, commands: [] }], context)
  return last ? { ...last, unit: whole } : { unit: whole, error: new CdpError('CDP_INVARIANT_BROKEN') }
}

async function failUnit(unit: PreparedUnit, context: FlusherContext, cause: unknown): Promise<UnitOutcome> {
  context.onUnitFailed(cause, unit)
  const { workspace, dialect, operation, traceId } = unit.unit
  const origin = { workspaceId: workspace.id, at: now(), dialect, operation, traceId, profileId: undefined }
  const rejected = unit.commands.map(({ command, resolvers }) => ({
    ...origin,
    reason: 'internal' as const,
    pointer: command.pointer,
    item: command.item,
    identifiers: resolvers,
  }))
  await context.refusals.write(rejected).catch((error: unknown) => context.onUnitFailed(error, unit))
  return { unit, error: toCdpError(cause) }
}
