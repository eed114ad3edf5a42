import type { Change, Event, Merge, Transaction } from '@tributary/sdk'

/** Something that happened to or about somebody. */
export type Entry =
  | { kind: 'event'; at: string; key: string; event: Event }
  | { kind: 'transaction'; at: string; key: string; transaction: Transaction }
  | { kind: 'change'; at: string; key: string; change: Change }
  | { kind: 'merge'; at: string; key: string; merge: Merge }

/** A list, the newest first, as far as it was read. */
export interface Source {
  entries: readonly Entry[]
  hasMore: boolean
}

/**
 * Entries of all sources in one order, the newest first, as far as it is known to be whole: what is older than the end of a
 * source that has more may have something before it that was not read yet.
 */
export function mergeSources(sources: readonly Source[]): Entry[] {
  const horizon = horizonOf(sources)
  return sources
    .flatMap(({ entries }) => entries)
    .filter(({ at }) => at >= horizon)
    .sort((one, other) => other.at.localeCompare(one.at) || other.key.localeCompare(one.key))
}

/** Whether a source must be read on before more can be shown. */
export function holdsBack(source: Source, sources: readonly Source[]): boolean {
  return source.hasMore && endOf(source) >= horizonOf(sources)
}

/** All that is as new as this was read. */
function horizonOf(sources: readonly Source[]): string {
  const ends = sources.filter(({ hasMore }) => hasMore).map(endOf)
  return ends.reduce((newest, end) => (end > newest ? end : newest), '')
}

/** Of a source of which nothing was read yet nothing is known. */
function endOf({ entries }: Source): string {
  return entries.at(-1)?.at ?? '~'
}

export const eventEntry = (event: Event): Entry => ({
  kind: 'event',
  at: event.occurredAt,
  key: `event ${event.id}`,
  event,
})

export const transactionEntry = (transaction: Transaction): Entry => ({
  kind: 'transaction',
  at: transaction.occurredAt,
  key: `transaction ${transaction.id}`,
  transaction,
})

export const changeEntry = (change: Change): Entry => ({
  kind: 'change',
  at: change.at,
  key: `change ${change.id}`,
  change,
})

export const mergeEntry = (merge: Merge): Entry => ({
  kind: 'merge',
  at: merge.at,
  key: `merge ${merge.profileId}`,
  merge,
})
