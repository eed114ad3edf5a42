import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Answer, CommandResult, Unit } from '../../model/command.ts'
import type { BatchRow, FlushMark } from '../../storage/batches.ts'
import type { Transaction } from '../../storage/db.ts'
import { IDEMPOTENCY_KEPT_MS } from '../../storage/idempotency.ts'
import { normalizeIdentifier } from '../identity/index.ts'
import type { LedgerRecorder, Rejected } from '../ledger/index.ts'
import { batchRows } from './batch-counts.ts'
import type { Finished } from './batch-counts.ts'
import type { DictionaryCache, DictionaryNews } from './dictionary.ts'
import { hashKey } from './flush.ts'
import type { Flush, Step, Work } from './flush.ts'
import { isAnswered, loadFlush } from './load.ts'
import type { LoadContext } from './load.ts'
import type { PreparedCommand, PreparedUnit } from './prepared.ts'
import { reshapedProfiles } from './reshaped.ts'
import { profileChanges, saveFlush } from './save.ts'
import { mayBeRefused, openSavepoint } from './savepoint.ts'
import { countTags, loadMergedTags } from './tags.ts'
import { appendEvents } from './steps/append-events.ts'
import { applyAttributes } from './steps/apply-attributes.ts'
import { applyCompany } from './steps/apply-company.ts'
import { applyConsents } from './steps/apply-consents.ts'
import { applyTags } from './steps/apply-tags.ts'
import { checkEmail } from './steps/check-email.ts'
import { dedupe } from './steps/dedupe.ts'
import { ignoreErased } from './steps/ignore-erased.ts'
import { linkDevice } from './steps/link-device.ts'
import { mergeProfiles } from './steps/merge-profiles.ts'
import { recordChange } from './steps/record-change.ts'
import { resolveIdentity } from './steps/resolve-identity.ts'

/** What one command goes through, in this order; `prepareUnit` came before, `batchRows` comes after. */
const STEPS: readonly (readonly [name: string, step: Step])[] = [
  ['dedupe', dedupe],
  ['ignoreErased', ignoreErased],
  ['resolveIdentity', resolveIdentity],
  ['mergeProfiles', mergeProfiles],
  ['applyAttributes', applyAttributes],
  ['checkEmail', checkEmail],
  ['applyConsents', applyConsents],
  ['applyTags', applyTags],
  ['linkDevice', linkDevice],
  ['applyCompany', applyCompany],
  ['appendEvents', appendEvents],
  ['recordChange', recordChange],
]

/** What becomes of a unit: the answer for its caller, or the error that refuses it. */
export type UnitOutcome = { unit: PreparedUnit } & ({ answer: Answer } | { error: CdpError })

/** What a pipeline needs that outlives its transactions. */
export interface PipelineContext extends LoadContext {
  dictionary: DictionaryCache
  ledger: LedgerRecorder
  pace: CommitPace
  /** Told how long `load`, `save` and `commit` took, milliseconds. */
  observe?: (part: string, elapsedMs: number) => void
  /** Told how long each step of each command took, milliseconds; costs more than the steps, so only to measure. */
  observeStep?: (step: string, elapsedMs: number) => void
}

/** How long the last COMMIT of this process took, milliseconds: what the next one will take, as nearly as it is known. */
export interface CommitPace {
  commitMs: number
}

/** What a transaction is about to commit. */
export interface PipelineRun {
  outcomes: readonly UnitOutcome[]
  /** Undefined when there is nothing to commit. */
  mark: FlushMark | undefined
  flush: Flush
  news: DictionaryNews
}

/**
 * Runs units inside one transaction: reads everything by set, decides every command in memory in the order of
 * arrival, writes the difference by set. Nothing is written before everything is decided.
 * @throws StaleRead another writer was faster: roll back and run again
 */
export async function runPipeline(
  tx: Transaction,
  units: readonly PreparedUnit[],
  context: PipelineContext,
): Promise<PipelineRun> {
  const flush = await timed(context, 'load', () => loadFlush(tx, units, context))
  const commands = units.reduce((sum, unit) => sum + unit.commands.length, 0)
  // No `await` may lie between the last question and the taking: the other flusher shares the sources.
  const { wanted } = flush.tags
  while (context.profileIds.available() < commands || context.tagIds.available() < wanted) {
    if (context.profileIds.available() < commands) await context.profileIds.fetch(commands)
    else await context.tagIds.fetch(wanted)
  }
  const finished: Finished[] = []
  const outcomes = units.map((unit) => decideUnit(flush, unit, finished, context))
  const profiles = profileChanges(flush)
  const rejections = context.ledger.rows(flush.out.rejected)
  const tags = countTags(flush.out, await loadMergedTags(tx, flush.out.merges))
  const identifiers = flush.index.changes()
  const reshaped = reshapedProfiles(flush, { profiles, identifiers })
  // Made when all else is written: what an item waited for counts from its receipt to its commit.
  const batches = (): BatchRow[] => {
    const committedAt = now() + context.pace.commitMs
    return batchRows(flush, { finished, committedAt, profiles, rejections, tags, reshaped })
  }
  const news = context.dictionary.newsOf(flush)
  const mark = await timed(context, 'save', () =>
    saveFlush(tx, flush, { profiles, identifiers, batches, news, rejections }),
  )
  return { outcomes, mark, flush, news }
}

function decideUnit(
  flush: Flush,
  unit: PreparedUnit,
  finished: Finished[],
  context: PipelineContext,
): UnitOutcome {
  if (isAnswered(flush.idempotency, unit)) return { unit, ...storedAnswer(flush, unit) }
  recordDropped(flush, unit)
  const results: CommandResult[] = []
  for (const [index, result] of unit.refused) results[index] = result
  const whole = unit.unit.atomic === 'all' && unit.commands.some(mayBeRefused)
  const savepoint = whole ? openSavepoint(flush, unit.commands) : undefined
  const decided: Finished['commands'][number][] = []
  for (const prepared of unit.commands) {
    const result = decideCommand(flush, prepared, context)
    if (!result.ok && unit.unit.atomic === 'all') {
      savepoint?.restore()
      return { unit, error: result.error }
    }
    results[prepared.index] = result
    decided.push({ prepared, result })
  }
  finished.push({ unit: unit.unit, commands: decided })
  const answer = unit.unit.answer(results)
  keepAnswer(flush, unit, answer)
  return { unit, answer }
}

function decideCommand(flush: Flush, prepared: PreparedCommand, context: PipelineContext): CommandResult {
  const alone = prepared.unit.atomic === 'each' && mayBeRefused(prepared)
  const savepoint = alone ? openSavepoint(flush, [prepared]) : undefined
  const result = runSteps(flush, prepared, context)
  if (result.ok || !savepoint) return result
  savepoint.restore()
  const { unit, command, resolvers: identifiers } = prepared
  const origin = { ...originOf(unit), profileId: undefined, identifiers }
  flush.out.rejected.push({
    ...origin,
    reason: 'request_refused',
    pointer: result.pointer,
    detail: result.error.message,
    item: command.item,
  })
  return result
}

function runSteps(flush: Flush, prepared: PreparedCommand, context: PipelineContext): CommandResult {
  // No prototype: a caller may name an attribute `__proto__`.
  const diff = Object.create(null) as Work['diff']
  const work: Work = {
    flush,
    prepared,
    profile: undefined,
    isNew: false,
    eventId: undefined,
    assignedAt: undefined,
    diff,
    result: undefined,
  }
  for (const [name, step] of STEPS) {
    const startedMs = context.observeStep ? performance.now() : 0
    step(work)
    context.observeStep?.(name, performance.now() - startedMs)
    if (work.result) return work.result
  }
  throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'no step ended the command' })
}

/** Items that the contract says to ignore leave their trace in the ledger, in the same transaction. */
function recordDropped(flush: Flush, { unit, refused }: PreparedUnit): void {
  if (unit.dropped.length === 0 && refused.size === 0) return
  const { workspace } = unit
  const origin = { ...originOf(unit), identifiers: [], profileId: undefined }
  for (const { identifiers: raws = [], ...dropped } of unit.dropped) {
    const identifiers = raws.flatMap((raw) => {
      const normalized = normalizeIdentifier(raw, workspace.settings)
      return normalized.outcome === 'usable' ? [normalized.identifier] : []
    })
    flush.out.rejected.push({ ...origin, ...dropped, identifiers })
  }
  for (const [index, { pointer, error }] of refused) {
    flush.out.rejected.push({
      ...origin,
      reason: 'request_refused',
      pointer,
      detail: error.message,
      item: unit.commands[index]?.item,
    })
  }
}

/** Where an entry of the ledger comes from. */
function originOf({ workspace, receivedAt: at, dialect, operation, traceId }: Unit): LedgerOrigin {
  return { workspaceId: workspace.id, at, dialect, operation, traceId }
}

type LedgerOrigin = Pick<Rejected, 'workspaceId' | 'at' | 'dialect' | 'operation' | 'traceId'>

function storedAnswer(
  flush: Flush,
  { unit, idempotency }: PreparedUnit,
): { answer: Answer } | { error: CdpError } {
  const stored = idempotency && flush.idempotency.get(hashKey(unit.workspace.id, idempotency.keyHash))
  if (!stored?.bodyHash.equals(idempotency?.bodyHash ?? Buffer.alloc(0))) {
    return { error: new CdpError('CDP_IDEMPOTENCY_MISMATCH') }
  }
  const body: unknown = stored.answer === '' ? undefined : JSON.parse(stored.answer)
  return { answer: { status: stored.status, body } }
}

function keepAnswer(flush: Flush, { unit, idempotency }: PreparedUnit, answer: Answer): void {
  if (!idempotency) return
  flush.out.idempotency.push({
    workspaceId: unit.workspace.id,
    ...idempotency,
    status: answer.status,
    // An answer without a body is kept as no text.
    answer: answer.body === undefined ? '' : JSON.stringify(answer.body),
    expiresAt: unit.receivedAt + IDEMPOTENCY_KEPT_MS,
  })
}

async function timed<T>(context: PipelineContext, part: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now()
  const result = await work()
  context.observe?.(part, performance.now() - startedMs)
  return result
}
