import type { Erasure } from '@tributary/sdk'

/** How often an erasure that runs is looked at. */
export const LOOK_EVERY_MS = 2_000

/** What becomes of whatever names the person from then on. */
export const TOMBSTONES: Readonly<Record<Erasure['tombstone'], { short: string; text: string }>> = {
  none: { short: 'is stored', text: 'The next write with an identifier of the person makes a new profile.' },
  kept: {
    short: 'is ignored',
    text: 'Hashes of the identifiers are kept: whatever names the person is taken and not stored.',
  },
  removed: {
    short: 'is stored again',
    text: 'The hashes were taken away: the next write with an identifier of the person makes a new profile.',
  },
}

/** How much went of all kinds. */
export function totalOf(counts: Erasure['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** `companyRelations` as `company relations` */
function kindWords(kind: string): string {
  return kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** What went, the most first; kinds of which nothing went are left out. */
export function countsShown(counts: Erasure['counts']): [string, number][] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, count]) => [kindWords(kind), count])
}
