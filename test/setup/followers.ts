import { expect } from 'vitest'
import { followBatches } from '../../src/core/statistics/index.ts'
import { countOf } from './database.ts'
import type { TestDatabase } from './database.ts'
import { eventually } from './eventually.ts'

/**
 * Until every flush that ended is taken in. A follower reads only what lies before every running transaction of the
 * cluster, and another test file's transaction in the same cluster may hold that up a while: one call is not enough.
 */
export async function followAll(database: TestDatabase): Promise<void> {
  const unseen = `select count(*) from ingest_batch where xid >= coalesce((select position from follower where name = 'statistics'), '0')`
  await eventually(async () => {
    await followBatches(database.db)
    expect(await countOf(database, unseen)).toBe(0)
  })
}
