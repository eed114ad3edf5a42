import type { BatchRow, DialectCounter } from '../../storage/batches.ts'
import type { Instant } from '../../lib/time.ts'
import type { EventRow } from '../../storage/events.ts'
import type { ProfileChanges } from '../../storage/profiles.ts'
import type { CommandResult } from '../../model/command.ts'
import type { Flush } from './flush.ts'
import type { PreparedCommand } from './prepared.ts'
import { newestReceipt } from './save.ts'

/** A command and what became of it. */
export interface Finished {
  prepared: PreparedCommand
  result: CommandResult
}

/** The rows of `ingest_batch`: what this flush did, one row a workspace that it touched. */
export function batchRows(flush: Flush, finished: readonly Finished[], profiles: ProfileChanges): BatchRow[] {
  const at = newestReceipt(flush)
  const builders = new Map<number, BatchBuilder>()
  const of = (workspaceId: number): BatchBuilder => {
    const existing = builders.get(workspaceId)
    if (existing) return existing
    const builder = new BatchBuilder(workspaceId, at)
    builders.set(workspaceId, builder)
    return builder
  }
  for (const { prepared, result } of finished) of(prepared.unit.workspace.id).addCommand(prepared, result)
  for (const event of flush.out.events.values()) of(event.workspaceId).addEvent(event)
  for (const { workspaceId, source } of flush.out.deleted) of(workspaceId).add(source, 'events', -1)
  for (const { workspaceId, transactionId, source } of flush.out.transactions.values())
    if (flush.out.events.has(transactionId)) of(workspaceId).add(source, 'transactions', 1)
  for (const rejected of flush.out.rejected) of(rejected.workspaceId).add(rejected.dialect, 'rejections', 1)
  for (const row of profiles.inserted) of(row.workspaceId).profiles++
  for (const row of profiles.deleted) of(row.workspaceId).profiles--
  return [...builders.values()].map((builder) => builder.row())
}

class BatchBuilder {
  profiles = 0
  readonly #workspaceId: number
  readonly #at: Instant
  readonly #touched = new Map<number, Instant | undefined>()
  readonly #byDialect: BatchRow['counts']['byDialect'] = {}
  readonly #names = new Map<string, number>()

  constructor(workspaceId: number, at: Instant) {
    this.#workspaceId = workspaceId
    this.#at = at
  }

  addCommand({ unit, command }: PreparedCommand, result: CommandResult): void {
    if (!result.ok || 'ignored' in result || result.duplicate) return
    if (!this.#touched.has(result.profileId)) this.#touched.set(result.profileId, undefined)
    if (command.attributes || command.consents || command.tags || !command.event)
      this.add(unit.dialect, 'profileWrites', 1)
  }

  addEvent({ profileId, occurredAt, source, name }: EventRow): void {
    const newest = this.#touched.get(profileId)
    this.#touched.set(profileId, newest === undefined ? occurredAt : Math.max(newest, occurredAt))
    this.add(source, 'events', 1)
    this.#names.set(name, (this.#names.get(name) ?? 0) + 1)
  }

  add(dialect: string, counter: DialectCounter, amount: number): void {
    const counts = (this.#byDialect[dialect] ??= {})
    counts[counter] = (counts[counter] ?? 0) + amount
  }

  row(): BatchRow {
    const profiles = [...this.#touched].map(([profileId, lastOccurredAt]) => ({ profileId, lastOccurredAt }))
    const names = Object.fromEntries(this.#names)
    const counts = { profiles: this.profiles, byDialect: this.#byDialect, names }
    return { workspaceId: this.#workspaceId, at: this.#at, profiles, counts }
  }
}
