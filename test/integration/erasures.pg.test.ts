import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { readStatistics } from '../../src/core/statistics/index.ts'
import { countOf, rowsOf } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import { ACTOR, SECRET_KEY, openErasing } from '../setup/erasing.ts'
import type { Erasing } from '../setup/erasing.ts'
import { eventually } from '../setup/eventually.ts'

let database: Erasing['database']
let path: Erasing['path']
let privacy: Erasing['privacy']
let failures: Erasing['failures']
let stored: Erasing['stored']
let erase: Erasing['erase']
let finished: Erasing['finished']
let close: Erasing['close']

beforeAll(async () => {
  ;({ database, path, privacy, failures, stored, erase, finished, close } = await openErasing())
})

afterAll(() => close())

describe('an erasure', () => {
  test('counts what went, takes it off the totals, and forgets whom it was about', async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'ann', 'Bought')
    const ben = await stored(workspace, 'ben', 'Bought')
    const begun = await erase(workspace, ann)
    expect(begun).toMatchObject({ state: 'running', profileId: ann, requestedBy: ACTOR.label })
    expect(begun.counts).toMatchObject({ profiles: 1, identifiers: 2, events: 1, changes: 1 })
    const done = await finished(begun)
    expect(done).toMatchObject({ tombstone: 'none', lastError: undefined })
    expect(done.counts).toMatchObject({ profiles: 1, events: 1 })
    const [row] = await rowsOf(database, 'select person_sealed from erasure where erasure_id = $1', [
      done.erasureId,
    ])
    expect(row).toEqual({ person_sealed: null })
    await followAll(database)
    const totals = await readStatistics(database.db, workspace.id, ['test'])
    expect(totals).toMatchObject({ profiles: 1 })
    expect(await openProfiles(database.db).get(workspace, ben)).toMatchObject({ id: ben })
    const acts = await rowsOf(database, `select action, object from audit_log where workspace_id = $1`, [
      workspace.id,
    ])
    expect(acts).toEqual([{ action: 'profile.erase', object: String(ann) }])
  })

  test('by the id of a profile that was merged away erases the person that it belongs to', async () => {
    const workspace = makeWorkspace()
    const [from, into] = [await stored(workspace, 'old'), await stored(workspace, 'new')]
    await openProfiles(database.db).merge({
      workspace,
      loserIds: [from],
      winnerId: into,
      by: 'test',
      actor: ACTOR,
    })
    const begun = await erase(workspace, from)
    expect(begun).toMatchObject({ profileId: into, counts: { profiles: 2, merges: 1, identifiers: 4 } })
  })

  test('of nobody is not found, nor one of another workspace, and a second one neither', async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'ann')
    const missing = { code: 'CDP_PROFILE_NOT_FOUND' }
    await expect(erase(makeWorkspace(), ann)).rejects.toMatchObject(missing)
    const { erasureId } = await erase(workspace, ann)
    await expect(erase(workspace, ann)).rejects.toMatchObject(missing)
    const elsewhere = { workspaceId: makeWorkspace().id, erasureId }
    await expect(privacy.get(elsewhere)).rejects.toMatchObject({ code: 'CDP_ERASURE_NOT_FOUND' })
  })

  test('takes away what a write stores that began before it and ends behind it', async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'ann')
    const pools = database.openAnother()
    const late = await pools.ingest.connect()
    await late.query('begin')
    await late.query(
      `insert into event (workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source,
                          properties)
       values ($1, $2, gen_random_uuid(), now(), now(), $2, 'Late', 'test', '{}')`,
      [workspace.id, ann],
    )
    const begun = await erase(workspace, ann)
    await eventually(async () => {
      await privacy.run()
      const sql = 'select position from erasure where erasure_id = $1'
      expect(await rowsOf(database, sql, [begun.erasureId])).not.toEqual([{ position: '' }])
    })
    await privacy.run()
    expect(await privacy.get(begun)).toMatchObject({ state: 'running', counts: { events: 0 } })
    await late.query('commit')
    late.release()
    await pools.close()
    expect(await finished(begun)).toMatchObject({ counts: { events: 1 } })
    const left = await countOf(database, 'select count(*) from event where workspace_id = $1', [workspace.id])
    expect(left).toBe(0)
  })

  test('goes on where a process died, and where a page failed', async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'ann')
    await path.submit(
      makeUnit(workspace, [], {
        dropped: [{ reason: 'field_unknown', pointer: '', item: { to: 'ann@example.com' } }],
      }),
    )
    const begun = await erase(workspace, ann)
    await database.admin.query(`alter table rejection rename to rejection_away`)
    try {
      await eventually(async () => {
        await privacy.run()
        expect(await privacy.get(begun)).toMatchObject({ lastError: 'CDP_INTERNAL', state: 'running' })
      })
    } finally {
      await database.admin.query(`alter table rejection_away rename to rejection`)
    }
    expect(failures.length).toBeGreaterThan(0)
    // Somebody claimed it and died.
    await database.admin.query(
      `update erasure set claim = gen_random_uuid(), claimed_until = now() - interval '1 second', next_attempt_at = at`,
    )
    expect(await finished(begun)).toMatchObject({ lastError: undefined, counts: { ledgerEntries: 1 } })
    const [entry] = await rowsOf(database, 'select item, reason from rejection where workspace_id = $1', [
      workspace.id,
    ])
    expect(entry).toEqual({ item: null, reason: 'field_unknown' })
  })

  test('takes its identifiers out of what other merges would give back', async () => {
    const workspace = makeWorkspace()
    const [from, into] = [await stored(workspace, 'bo'), await stored(workspace, 'cy')]
    const profiles = openProfiles(database.db)
    await profiles.merge({ workspace, loserIds: [from], winnerId: into, by: 'test', actor: ACTOR })
    await database.admin.query(
      'update identifier set profile_id = $3 where workspace_id = $1 and value = $2',
      [workspace.id, 'bo@example.com', await stored(workspace, 'ann')],
    )
    const [ann] = await rowsOf<{ profile_id: number }>(
      database,
      `select profile_id from identifier where workspace_id = $1 and value = 'ann'`,
      [workspace.id],
    )
    await finished(await erase(workspace, Number(ann?.profile_id)))
    const [merge] = await rowsOf<{ undo: string }>(
      database,
      'select undo::text as undo from profile_merge where workspace_id = $1',
      [workspace.id],
    )
    expect(merge?.undo).toContain('"bo"')
    expect(merge?.undo).not.toContain('bo@example.com')
  })
})

describe('a tombstone', () => {
  test('ignores every write that names an identifier of the person, and keeps none of it', async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'ann')
    await erase(workspace, ann, true)
    for (const who of [userId('ann'), id('email', 'ANN@example.com ')]) {
      const again = makeCommand([who, userId('other')], { attributes: { secret: 'marker' } })
      expect(await path.write(workspace, again)).toEqual({ ok: true, ignored: 'erased' })
    }
    const profiles = await countOf(database, 'select count(*) from profile where workspace_id = $1', [
      workspace.id,
    ])
    expect(profiles).toBe(0)
    const entries = await rowsOf(
      database,
      `select item, pointer, identifier_hashes, profile_id from rejection where workspace_id = $1 and reason = 'erased'`,
      [workspace.id],
    )
    const bare = { item: null, pointer: '/0', identifier_hashes: [], profile_id: null }
    expect(entries).toEqual([bare, bare])
  })

  test('holds in another process at once, and in no other workspace', async () => {
    const [workspace, other] = [makeWorkspace(), makeWorkspace()]
    const ann = await stored(workspace, 'ann')
    const pools = database.openAnother()
    const elsewhere = await openWritePath(pools, { secretKey: SECRET_KEY })
    await elsewhere.write(workspace, makeCommand(userId('warm')))
    await erase(workspace, ann, true)
    const again = makeCommand(userId('ann'))
    expect(await elsewhere.write(workspace, again)).toMatchObject({ ignored: 'erased' })
    expect(await elsewhere.write(other, again)).toMatchObject({ ok: true, duplicate: false })
    await elsewhere.close()
    await pools.close()
  })

  test('without one, the same person is a new one', async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'ann')
    await erase(workspace, ann)
    const { profileId } = await path.write(workspace, makeCommand(userId('ann')))
    expect(profileId).toBeGreaterThan(ann)
  })

  test('that is taken away lets the person in again, unless another erasure keeps it out', async () => {
    const workspace = makeWorkspace()
    const first = await erase(workspace, await stored(workspace, 'ann'), true)
    expect(await privacy.removeTombstone(first, ACTOR)).toMatchObject({ tombstone: 'removed' })
    const second = await erase(workspace, await stored(workspace, 'ann'), true)
    await privacy.removeTombstone(first, ACTOR)
    const again = makeCommand(userId('ann'))
    expect(await path.write(workspace, again)).toMatchObject({ ignored: 'erased' })
    await privacy.removeTombstone(second, ACTOR)
    expect(await path.write(workspace, again)).toMatchObject({ ok: true, duplicate: false })
  })

  test('that never was cannot be taken away', async () => {
    const workspace = makeWorkspace()
    const begun = await erase(workspace, await stored(workspace, 'ann'))
    const missing = { code: 'CDP_ERASURE_NOT_FOUND' }
    await expect(privacy.removeTombstone(begun, ACTOR)).rejects.toMatchObject(missing)
  })

  test('keeps out what waits for its transaction while the person is erased', async () => {
    const workspace = makeWorkspace()
    const ann = await stored(workspace, 'ann')
    const writes = Array.from({ length: 200 }, (_, n) =>
      path.write(workspace, makeCommand(userId('ann'), { attributes: { n }, event: { name: 'Seen' } })),
    )
    const begun = await erase(workspace, ann, true)
    const results = await Promise.all(writes)
    expect(results.every(({ profileId, ignored }) => profileId === ann || ignored === 'erased')).toBe(true)
    await finished(begun)
    for (const table of ['profile', 'identifier', 'event'])
      expect(
        await countOf(database, `select count(*) from ${table} where workspace_id = $1`, [workspace.id]),
        table,
      ).toBe(0)
  })
})
