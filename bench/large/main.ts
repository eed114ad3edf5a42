/** `npm run bench -- --large`: a million profiles with five million events, made once and kept in `.bench/`. */
import { row } from '../rows.ts'
import type { Row } from '../rows.ts'
import { benchExport } from './export.ts'
import { openLarge } from './seed.ts'
import { benchSegments } from './segments.ts'

/** Measures what needs many profiles with a history. @param profiles how many; each has five events on average */
export async function benchLarge(profiles: number): Promise<Row[]> {
  const startedMs = performance.now()
  const large = await openLarge(profiles, profiles * 5)
  try {
    const opened = row('large database, made or opened', (performance.now() - startedMs) / 1_000, 's')
    return [opened, ...(await benchSegments(large)), ...(await benchExport(large))]
  } finally {
    await large.close()
  }
}
