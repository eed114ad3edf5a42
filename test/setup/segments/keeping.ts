import { expect } from 'vitest'
import { COMMAND_LINE } from '../../../src/core/audit/index.ts'
import { openProfiles } from '../../../src/core/profiles/index.ts'
import { openKeeper, openSegments } from '../../../src/core/segments/index.ts'
import type { Segment, Segments } from '../../../src/core/segments/index.ts'
import { DAY_MS, now } from '../../../src/lib/time.ts'
import type { Condition } from '../../../src/model/segment.ts'
import type { Workspace } from '../../../src/model/workspace.ts'
import { compileSegment } from '../../../src/storage/segments/compile.ts'
import { countOf } from '../database.ts'
import type { TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'

/** No pass over all profiles makes good what the follower missed. */
const CENTURY_MS = 36_525 * DAY_MS

/** Segments of a test, and what keeps them. */
export interface Keeping {
  segments: Segments
  /** Makes a segment of a definition. */
  add(workspace: Workspace, definition: Condition): Promise<Segment>
  /** The same for one that has beside each id what that stands for, as nobody may send it. */
  addInlined(workspace: Workspace, definition: Condition): Promise<Segment>
  /** Until there is nothing left to do. */
  keepUp(): Promise<void>
  /** Ids of the members that are kept, in order. */
  kept(workspace: Workspace, segmentId: string): Promise<number[]>
  /** Ids of those who belong to it by now, computed anew. */
  computed(workspace: Workspace, definition: Condition): Promise<number[]>
  /** Definitions that could not be evaluated. */
  failures: unknown[]
}

/** Opens segments over a test's database, with a keeper that runs only when it is asked to. */
export function openKeeping(database: TestDatabase): Keeping {
  const { db } = database
  const secretKey = Buffer.alloc(32)
  const failures: unknown[] = []
  const segments = openSegments({ db, secretKey, profiles: openProfiles(db, secretKey) })
  const onError = (error: unknown): void => void failures.push(error)
  const keeper = openKeeper({ db, queuedCommands: () => 0, onError, passEveryMs: CENTURY_MS })
  let made = 0
  const add: Keeping['add'] = (workspace, definition) =>
    segments.create(workspace, { name: `Segment ${++made}`, definition }, COMMAND_LINE)
  return {
    segments,
    failures,
    add,
    addInlined: async (workspace, definition) => {
      const segment = await add(workspace, { type: 'anonymous' })
      await database.admin.query('update segment_generation set definition = $2 where segment_id = $1', [
        segment.segmentId,
        JSON.stringify(definition),
      ])
      return segment
    },
    keepUp: async () => {
      const unseen = `select count(*) from ingest_batch b
        where b.xid >= coalesce((select position from follower where name = 'segments'), '0')`
      // Another test file's transaction in the same cluster may hold a follower up a while.
      await eventually(async () => {
        while (await keeper());
        expect(await countOf(database, unseen)).toBe(0)
      })
    },
    kept: async (workspace, segmentId) => {
      const { items } = await segments.members(workspace, segmentId, { cursor: undefined, limit: 500 })
      return items.map(({ profileId }) => profileId)
    },
    computed: async ({ id: workspaceId, settings: { timezone } }, definition) => {
      const { text, values } = compileSegment(definition, { workspaceId, timezone, now: now() })
      const { rows } = await db.general.query<{ profile_id: number }>(text, values)
      return rows.map((row) => row.profile_id).toSorted((a, b) => a - b)
    },
  }
}
