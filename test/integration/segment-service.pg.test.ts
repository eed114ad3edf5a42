import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { openSegments } from '../../src/core/segments/index.ts'
import type { Segments } from '../../src/core/segments/index.ts'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { newUuid } from '../../src/lib/ids.ts'
import { addToCounters } from '../../src/storage/counters.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

describe('segments', () => {
  let database: TestDatabase
  let path: WritePath
  let segments: Segments
  const [workspace, other] = [makeWorkspace(), makeWorkspace()]
  const red = { type: 'attribute', name: 'color', operator: 'equals', value: 'red' }
  const ids: number[] = []

  const options = () => {
    const { db } = database
    return { db, secretKey: Buffer.alloc(32), profiles: openProfiles(db, Buffer.alloc(32)) }
  }

  beforeAll(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
    segments = openSegments(options())
    for (let n = 0; n < 30; n++) {
      const command = makeCommand(userId(`u${n}`), { attributes: { color: n % 3 === 0 ? 'red' : 'blue' } })
      const { profileId = 0 } = await path.write(workspace, command)
      if (n % 3 === 0) ids.push(profileId)
      await path.write(other, command)
    }
    ids.sort((a, b) => a - b)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('keep their definition, and count each change of it', async () => {
    const made = await segments.create(workspace, { name: 'Red', definition: red }, COMMAND_LINE)
    expect(made).toMatchObject({ version: 1, definition: red, createdBy: 'command line' })
    const draft = { name: 'Red or not', definition: { type: 'not', condition: red } }
    const changed = await segments.update(workspace, made.segmentId, draft, COMMAND_LINE)
    expect(changed).toMatchObject({ ...draft, version: 2, createdAt: made.createdAt })
    expect(await segments.get(made)).toEqual(changed)
    await segments.delete(made, COMMAND_LINE)
    await expect(segments.get(made)).rejects.toMatchObject({ code: 'CDP_SEGMENT_NOT_FOUND' })
    const acts = await rowsOf<{ action: string }>(
      database,
      'select action from audit_log where object = $1 order by at, audit_id',
      [made.segmentId],
    )
    expect(acts.map(({ action }) => action)).toEqual(['segment.create', 'segment.update', 'segment.delete'])
  })

  test('have names of their own', async () => {
    const taken = { code: 'CDP_SEGMENT_TAKEN', pointer: '/name' }
    const draft = { name: 'Taken', definition: red }
    await segments.create(workspace, draft, COMMAND_LINE)
    await segments.create(other, draft, COMMAND_LINE)
    await expect(segments.create(workspace, draft, COMMAND_LINE)).rejects.toMatchObject(taken)
    const { segmentId } = await segments.create(workspace, { ...draft, name: 'Free' }, COMMAND_LINE)
    await expect(segments.update(workspace, segmentId, draft, COMMAND_LINE)).rejects.toMatchObject(taken)
  })

  test('are not found from another workspace, by no id of ours and by none at all', async () => {
    const { segmentId } = await segments.create(workspace, { name: 'Wall', definition: red }, COMMAND_LINE)
    const missing = { code: 'CDP_SEGMENT_NOT_FOUND' }
    const page = { cursor: undefined, limit: 5 }
    for (const id of [segmentId, newUuid(), 'x']) {
      const key = { workspaceId: other.id, segmentId: id }
      await expect(segments.get(key)).rejects.toMatchObject(missing)
      await expect(segments.delete(key, COMMAND_LINE)).rejects.toMatchObject(missing)
      await expect(segments.members(other, id, page)).rejects.toMatchObject(missing)
      const draft = { name: 'Mine', definition: red }
      await expect(segments.update(other, id, draft, COMMAND_LINE)).rejects.toMatchObject(missing)
    }
    expect((await segments.list(other.id, page)).items.map(({ name }) => name)).toEqual(['Taken'])
  })

  test('give their members page by page, each once and in order', async () => {
    const { segmentId } = await segments.create(workspace, { name: 'Pages', definition: red }, COMMAND_LINE)
    const found: number[] = []
    let cursor: string | undefined
    do {
      const page = await segments.members(workspace, segmentId, { cursor, limit: 3 })
      found.push(...page.items.map(({ profileId }) => profileId))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(found).toEqual(ids)
    const foreign = segments.members(workspace, segmentId, { cursor: 'x', limit: 3 })
    await expect(foreign).rejects.toMatchObject({ code: 'CDP_QUERY_INVALID' })
  })

  test('are counted before they are made, and the newest are shown', async () => {
    const preview = await segments.preview(workspace, red)
    expect(preview).toMatchObject({ count: 10, isEstimated: false, sample: ids.toReversed() })
  })

  test('are estimated when counting takes too long, and say so', async () => {
    const hurried = openSegments({ ...options(), countTimeoutMs: 1 })
    await addToCounters(database.db.general, [
      { workspaceId: workspace.id, dialect: '', name: 'profiles', value: 30 },
    ])
    // Slow enough for a millisecond, whatever the machine.
    const slow = { type: 'and', conditions: [red, ...Array.from({ length: 60 }, () => aSequence())] }
    const preview = await hurried.preview(workspace, { type: 'or', conditions: [red, slow] })
    expect(preview).toMatchObject({ count: 10, isEstimated: true, sample: ids.toReversed() })
  })

  test('are refused with the place in the request', async () => {
    const definition = { type: 'not', condition: { ...red, operator: 'is' } }
    const refused = { code: 'CDP_SEGMENT_INVALID', pointer: '/definition/condition/operator' }
    await expect(segments.preview(workspace, definition)).rejects.toMatchObject(refused)
    const made = segments.create(workspace, { name: 'No', definition }, COMMAND_LINE)
    await expect(made).rejects.toMatchObject(refused)
  })
})

function aSequence(): object {
  return { type: 'sequence', steps: [{ name: 'A' }, { name: 'B' }] }
}
