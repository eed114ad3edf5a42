import type { BatchItem } from '../../storage/batch-items.ts'
import type { BatchCounts, BatchRow, DialectCounter } from '../../storage/batches.ts'
import type { Instant } from '../../lib/time.ts'
import type { EventRow } from '../../storage/events.ts'
import type { ProfileChanges } from '../../storage/profiles.ts'
import type { ChangeRow } from '../../storage/profile-logs.ts'
import type { RejectionRow } from '../../storage/rejections.ts'
import type { CommandResult, Unit } from '../../model/command.ts'
import { latencyBucket } from '../../model/latency.ts'
import { addReason, rejectionItem } from '../ledger/index.ts'
import type { ReasonCounts } from '../ledger/index.ts'
import type { Flush } from './flush.ts'
import type { PreparedCommand } from './prepared.ts'
import { newestReceipt } from './save.ts'

/** A unit that is stored, and what became of each of its commands. */
export interface Finished {
  unit: Unit
  commands: readonly { prepared: PreparedCommand; result: CommandResult }[]
}

/** What a flush did, beside its output. */
export interface FlushSummary {
  finished: readonly Finished[]
  /** When its units are committed, as nearly as it is known before. */
  committedAt: Instant
  profiles: ProfileChanges
  rejections: readonly RejectionRow[]
  /** See {@link BatchCounts}; by workspace. */
  tags: ReadonlyMap<number, NonNullable<BatchCounts['tags']>>
  reshaped: ReadonlyMap<number, ReadonlySet<number>>
}

/** The rows of `ingest_batch`: what this flush did, one row a workspace that it touched. */
export function batchRows(
  flush: Flush,
  { finished, committedAt, profiles, rejections, tags, reshaped }: FlushSummary,
): BatchRow[] {
  const at = newestReceipt(flush)
  const builders = new Map<number, BatchBuilder>()
  const of = (workspaceId: number): BatchBuilder => {
    const existing = builders.get(workspaceId)
    if (existing) return existing
    const builder = new BatchBuilder(workspaceId, at)
    builders.set(workspaceId, builder)
    return builder
  }
  for (const { unit, commands } of finished) {
    if (commands.length === 0) continue
    const builder = of(unit.workspace.id)
    builder.addLatency(committedAt - unit.receivedAt, commands.length)
    for (const { prepared, result } of commands) builder.addCommand(prepared, result)
  }
  for (const event of flush.out.events.values()) of(event.workspaceId).addEvent(event)
  for (const { workspaceId, source } of flush.out.deleted) of(workspaceId).add(source, 'events', -1)
  for (const { workspaceId, transactionId, source } of flush.out.transactions.values())
    if (flush.out.events.has(transactionId)) of(workspaceId).add(source, 'transactions', 1)
  for (const event of flush.out.replaced.values()) of(event.workspaceId).items.push(eventItem(event))
  for (const change of flush.out.changes) of(change.workspaceId).addChange(change)
  for (const rejection of rejections) of(rejection.workspaceId).addRejection(rejection)
  for (const row of profiles.inserted) of(row.workspaceId).profiles++
  for (const row of profiles.deleted) of(row.workspaceId).profiles--
  for (const [workspaceId, counts] of tags) of(workspaceId).tags = counts
  for (const [workspaceId, ids] of reshaped) of(workspaceId).reshaped = [...ids]
  return [...builders.values()].map((builder) => builder.row())
}

function eventItem({ source: dialect, name, profileId, eventId: id }: EventRow): BatchItem {
  return { kind: 'event', dialect, name, profileId, id }
}

function changeItem({ dialect, profileId, changeId: id }: ChangeRow): BatchItem {
  return { kind: 'change', dialect, name: '', profileId, id }
}

class BatchBuilder {
  profiles = 0
  tags: BatchCounts['tags']
  reshaped: BatchCounts['reshaped']
  readonly items: BatchItem[] = []
  readonly #workspaceId: number
  readonly #at: Instant
  readonly #touched = new Map<number, Instant | undefined>()
  readonly #byDialect: BatchRow['counts']['byDialect'] = {}
  readonly #names: BatchRow['counts']['namesByDialect'] = {}
  readonly #reasons: ReasonCounts = {}
  readonly #latency: Record<number, number> = {}

  constructor(workspaceId: number, at: Instant) {
    this.#workspaceId = workspaceId
    this.#at = at
  }

  /** Of so many items that were received at the same instant. */
  addLatency(ms: number, items: number): void {
    const bucket = latencyBucket(ms)
    this.#latency[bucket] = (this.#latency[bucket] ?? 0) + items
  }

  addCommand({ unit, command }: PreparedCommand, result: CommandResult): void {
    if (!result.ok || 'ignored' in result || result.duplicate) return
    this.#touch(result.profileId)
    if (command.attributes || command.consents || command.tags || !command.event)
      this.add(unit.dialect, 'profileWrites', 1)
  }

  /** Also of a profile that no command was about, because a device of it moved. */
  addChange(change: ChangeRow): void {
    this.items.push(changeItem(change))
    this.#touch(change.profileId)
  }

  #touch(profileId: number): void {
    if (!this.#touched.has(profileId)) this.#touched.set(profileId, undefined)
  }

  addEvent(event: EventRow): void {
    const { profileId, occurredAt, source, name } = event
    this.items.push(eventItem(event))
    const newest = this.#touched.get(profileId)
    this.#touched.set(profileId, newest === undefined ? occurredAt : Math.max(newest, occurredAt))
    this.add(source, 'events', 1)
    const names = (this.#names[source] ??= Object.create(null) as Record<string, number>)
    names[name] = (names[name] ?? 0) + 1
  }

  addRejection(row: RejectionRow): void {
    this.items.push(rejectionItem(row))
    this.add(row.dialect, 'rejections', row.occurrences)
    addReason(this.#reasons, row)
  }

  add(dialect: string, counter: DialectCounter, amount: number): void {
    const counts = (this.#byDialect[dialect] ??= {})
    counts[counter] = (counts[counter] ?? 0) + amount
  }

  row(): BatchRow {
    const profiles = [...this.#touched].map(([profileId, lastOccurredAt]) => ({ profileId, lastOccurredAt }))
    const counts = {
      profiles: this.profiles,
      byDialect: this.#byDialect,
      namesByDialect: this.#names,
      reasonsByDialect: this.#reasons,
      latency: this.#latency,
      ...(this.tags && { tags: this.tags }),
      ...(this.reshaped && { reshaped: this.reshaped }),
    }
    return { workspaceId: this.#workspaceId, at: this.#at, profiles, counts, items: this.items }
  }
}
