import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdsBack, mergeSources } from './timeline-entries.ts'
import type { Entry, Source } from './timeline-entries.ts'

const entryAt = (minute: number, key: string): Entry =>
  ({ kind: 'event', at: new Date(minute * 60_000).toISOString(), key, event: {} }) as unknown as Entry

/** Lists as a server has them, and in which steps they are read. */
const lists = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 12 }), {
  minLength: 1,
  maxLength: 4,
})

function whole(minutes: readonly number[], list: number): Entry[] {
  return minutes.toSorted((a, b) => b - a).map((minute, index) => entryAt(minute, `${list} ${index}`))
}

test('what is shown never changes its order by what is read later, and in the end everything is shown', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 5 }), (all, page) => {
      const full = all.map(whole)
      const read = full.map(() => 0)
      const sources = (): Source[] =>
        full.map((entries, list) => ({
          entries: entries.slice(0, read[list]),
          hasMore: (read[list] ?? 0) < entries.length,
        }))
      let shown: Entry[] = []
      for (let step = 0; step < 200 && sources().some(({ hasMore }) => hasMore); step++) {
        const now = sources()
        const behind = now.flatMap((source, list) => (holdsBack(source, now) ? [list] : []))
        expect(behind.length).toBeGreaterThan(0)
        for (const list of behind) read[list] = (read[list] ?? 0) + page
        const next = mergeSources(sources())
        expect(next.slice(0, shown.length).map(({ at }) => at)).toEqual(shown.map(({ at }) => at))
        shown = next
      }
      expect(mergeSources(sources())).toHaveLength(full.flat().length)
    }),
  )
})
