import { DAY_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { countExpiring, countExpiringEvents } from '../../storage/retention.ts'
import type { ExpiringLog } from '../../storage/retention.ts'
import { eventCuts } from './event-retention.ts'
import type { EventRetention } from './event-retention.ts'

/** Settings that a preview is of. */
export interface RetentionSettings extends EventRetention {
  ledgerDays: number
  changeLogDays: number
  dedupeDays: number
  exportDays: number
}

/** How much would go of one kind. */
export interface RetentionItem {
  kind: ExpiringLog | 'events'
  /** The name of the events. */
  name: string | undefined
  before: Instant
  count: number
  /** There are more: counting ended here. */
  isCapped: boolean
}

/** Counting more would take longer than anybody waits; a million says what there is to say. */
const COUNT_MAX = 1_000_000

/**
 * What the next upkeep would forget of a workspace, under its settings or others; nothing is changed. Kinds that are kept for ever
 * are left out, and names of events of which nothing would go.
 * @throws CDP_OVERLOADED counting took too long
 */
export async function previewRetention(
  db: Database,
  { id, settings }: Workspace,
  other: Partial<RetentionSettings>,
): Promise<RetentionItem[]> {
  const at = now()
  const wanted: RetentionSettings = { ...settings, ...other }
  const logs = [
    { kind: 'ledger', days: wanted.ledgerDays },
    { kind: 'changeLog', days: wanted.changeLogDays },
    { kind: 'eventIds', days: wanted.dedupeDays },
    { kind: 'exports', days: wanted.exportDays },
  ] as const
  return guarded(async () => {
    const items: RetentionItem[] = []
    for (const { kind, days } of logs.filter((log) => log.days > 0)) {
      const before = at - days * DAY_MS
      const count = await countExpiring(db.analysis, kind, id, before, COUNT_MAX)
      items.push({ kind, name: undefined, before, count, isCapped: count === COUNT_MAX })
    }
    const cuts = await eventCuts(db, id, wanted, at)
    const counts = await countExpiringEvents(db.analysis, id, cuts, COUNT_MAX)
    const byName = new Map(counts.map(({ name, count }) => [name, count]))
    for (const { name, before } of cuts) {
      const count = byName.get(name) ?? 0
      if (count > 0) items.push({ kind: 'events', name, before, count, isCapped: count === COUNT_MAX })
    }
    return items
  })
}
