import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { DEFAULT_SETTINGS } from '../../src/core/workspaces/index.ts'
import { now, useClock } from '../../src/lib/time.ts'
import type { Condition } from '../../src/model/segment.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { openKeeping } from '../setup/segments/keeping.ts'
import type { Keeping } from '../setup/segments/keeping.ts'

const RED: Condition = { type: 'attribute', name: 'color', operator: 'equals', value: 'red' }

describe('a segment that cannot be evaluated', () => {
  let database: TestDatabase
  let path: WritePath
  let keeping: Keeping
  let restoreClock = (): void => undefined

  beforeAll(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
    keeping = openKeeping(database)
  })
  afterEach(() => restoreClock())
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  const replaceDefinition = (segmentId: string, definition: object): Promise<unknown> =>
    database.admin.query('update segment_generation set definition = $2 where segment_id = $1', [
      segmentId,
      JSON.stringify(definition),
    ])

  test('keeps the members that it had, says why, is given up, and holds nothing else up', async () => {
    let at = now()
    restoreClock = useClock(() => at)
    const workspace = makeWorkspace()
    const write = (name: string, color: string) =>
      path.write(workspace, makeCommand(userId(name), { attributes: { color } }))
    const { profileId } = await write('a', 'red')
    const broken = await keeping.add(workspace, RED)
    const sound = await keeping.add(workspace, RED)
    await keeping.keepUp()
    await replaceDefinition(broken.segmentId, { type: 'attribute', name: 'color', operator: 'like' })
    const { profileId: other } = await write('b', 'red')
    const key = { workspaceId: workspace.id, segmentId: broken.segmentId }
    for (let tries = 1; tries <= 6; tries++) {
      await keeping.keepUp()
      expect(keeping.failures).toHaveLength(tries)
      expect(await keeping.kept(workspace, sound.segmentId)).toEqual([profileId, other])
      expect(await keeping.kept(workspace, broken.segmentId)).toEqual([profileId])
      const state = tries < 6 ? 'ready' : 'failed'
      expect(await keeping.segments.get(key)).toMatchObject({ state, size: 1, error: expect.any(String) })
      at += 400_000
    }
    await keeping.keepUp()
    expect(keeping.failures).toHaveLength(6)
    const { computedAt } = await keeping.segments.get(key)
    expect(computedAt).toBeLessThan(at - 6 * 400_000 + 1_000)
    await replaceDefinition(broken.segmentId, RED)
    const started = await keeping.segments.recompute(key, COMMAND_LINE)
    expect(started).toMatchObject({ state: 'ready', progress: { done: 0 } })
    await keeping.keepUp()
    expect(await keeping.kept(workspace, broken.segmentId)).toEqual([profileId, other])
    expect(await keeping.segments.get(key)).toMatchObject({
      state: 'ready',
      computedAt: at,
      error: undefined,
    })
  })

  test('is read anew in the zone that its workspace has by now', async () => {
    const workspace = makeWorkspace({ timezone: 'UTC' })
    const settings = { ...DEFAULT_SETTINGS, timezone: 'UTC' }
    await database.admin.query(
      `insert into workspace (workspace_id, guid, name, settings, managed_by, created_at)
       values ($1, $2, $3, $4, 'api', now())`,
      [workspace.id, workspace.guid, workspace.name, JSON.stringify(settings)],
    )
    // Midnight in Tokyo comes nine hours before that in UTC.
    const attributes = { seen: '2026-01-31T20:00:00Z' }
    const { profileId } = await path.write(workspace, makeCommand(userId('a'), { attributes }))
    const { segmentId } = await keeping.add(workspace, {
      type: 'attribute',
      name: 'seen',
      operator: 'after',
      value: '2026-02-01',
    })
    await keeping.keepUp()
    expect(await keeping.kept(workspace, segmentId)).toEqual([])
    await database.admin.query(
      `update workspace set settings = settings || '{"timezone":"Asia/Tokyo"}' where workspace_id = $1`,
      [workspace.id],
    )
    // A keeper looks at zones when it begins, and every few seconds.
    await openKeeping(database).keepUp()
    await keeping.keepUp()
    expect(await keeping.kept(workspace, segmentId)).toEqual([profileId])
  })

  test('leaves nothing behind once it is deleted', async () => {
    const workspace = makeWorkspace()
    await path.write(workspace, makeCommand(userId('a'), { attributes: { color: 'red' }, event: {} }))
    const rolling: Condition = { type: 'event', window: { from: { offset: -1, unit: 'day' } } }
    const made = [await keeping.add(workspace, RED), await keeping.add(workspace, rolling)]
    await keeping.keepUp()
    for (const segment of made) await keeping.segments.delete(segment, COMMAND_LINE)
    await openKeeping(database).keepUp()
    for (const table of ['segment_generation', 'segment_member', 'segment_expiry', 'segment_size'])
      expect(
        await rowsOf(database, `select * from ${table} where workspace_id = $1`, [workspace.id]),
      ).toEqual([])
  })
})
