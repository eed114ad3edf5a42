import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profile, Profiles } from '../../src/core/profiles/index.ts'
import type { Json } from '../../src/lib/json.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { findBrokenIn } from '../setup/invariants.ts'
import { readPeople } from '../setup/people.ts'

describe.each(MAJORS)('contacts on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath
  let profiles: Profiles

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
    profiles = openProfiles(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('a userId that comes with an e-mail adopts the holder that has no userId', async () => {
    const workspace = makeWorkspace()
    const anonymous = await path.write(
      workspace,
      makeCommand(id('anonymousId', 'a'), {
        attributes: { email: 'Ann@X.example', plan: 'free' },
        event: { name: 'before' },
      }),
    )
    const command = makeCommand(userId('ann'), {
      attributes: { email: ' ann@x.EXAMPLE', plan: 'paid' },
      event: { name: 'after' },
    })
    const user = await path.write(workspace, command)
    expect(user.profileId).not.toBe(anonymous.profileId)
    const adopted = await profiles.lookup(workspace, id('anonymousId', 'a'))
    expect(adopted).toMatchObject({ id: user.profileId, attributes: { plan: 'paid' } })
    expect(adopted.attributes['email']).toBe(' ann@x.EXAMPLE')
    expect(holds(adopted, 'email')).toEqual(['ann@x.example'])
    const [person] = await readPeople(database, workspace)
    expect(person?.events).toEqual(['after', 'before'])
    expect(await diffsOf(user.profileId)).toEqual([{ email: [null, ' ann@x.EXAMPLE'], plan: [null, 'paid'] }])
    expect(await profiles.unmerge({ workspace, profileId: anonymous.profileId ?? 0 })).toBe(user.profileId)
    expect((await profiles.get(workspace, anonymous.profileId ?? 0)).attributes).toEqual({
      email: 'Ann@X.example',
      plan: 'free',
    })
    expect(await findBrokenIn(database)).toEqual([])
  })

  test('a value that an adoption brings and the same write removes is no change', async () => {
    const workspace = makeWorkspace()
    await path.write(
      workspace,
      makeCommand(id('anonymousId', 'a'), { attributes: { email: 'a@x.example', plan: 'free' } }),
    )
    const command = makeCommand(userId('u'), {
      attributes: { email: 'a@x.example', plan: null, color: 'red' },
    })
    const user = await path.write(workspace, command)
    expect((await profiles.get(workspace, user.profileId ?? 0)).attributes).toEqual({
      email: 'a@x.example',
      color: 'red',
    })
    expect(await diffsOf(user.profileId)).toEqual([{ color: [null, 'red'], email: [null, 'a@x.example'] }])
  })

  test('an e-mail that another userId holds is stored as attribute only, and the ledger says so', async () => {
    const workspace = makeWorkspace()
    const first = await path.write(
      workspace,
      makeCommand(userId('one'), { attributes: { email: 'shared@x.example' } }),
    )
    const second = await path.write(
      workspace,
      makeCommand(userId('two'), { attributes: { email: 'shared@x.example' } }),
    )
    expect(second.profileId).not.toBe(first.profileId)
    const two = await profiles.get(workspace, second.profileId ?? 0)
    expect(two.attributes).toEqual({ email: 'shared@x.example' })
    expect(holds(two, 'email')).toEqual([])
    expect((await profiles.lookup(workspace, id('email', 'shared@x.example'))).id).toBe(first.profileId)
    expect(await noticesOf(workspace)).toEqual([
      { reason: 'contact_held', pointer: '/0/email', profile_id: second.profileId },
    ])
  })

  test('an e-mail alone finds its holder, whoever that is', async () => {
    const workspace = makeWorkspace()
    const user = await path.write(
      workspace,
      makeCommand([userId('u'), id('email', 'u@x.example')], { event: {} }),
    )
    const byMail = await path.write(
      workspace,
      makeCommand(id('email', 'U@x.Example '), { attributes: { seen: 1 } }),
    )
    expect(byMail.profileId).toBe(user.profileId)
  })

  test('with e-mails that are only contacts nobody is found or adopted by one', async () => {
    const workspace = makeWorkspace({ emailIdentity: 'contact' })
    const anonymous = await path.write(
      workspace,
      makeCommand(id('anonymousId', 'a'), { attributes: { email: 'a@x.example' } }),
    )
    const user = await path.write(
      workspace,
      makeCommand([userId('u'), id('email', 'a@x.example')], { attributes: { email: 'a@x.example' } }),
    )
    expect(user.profileId).not.toBe(anonymous.profileId)
    const alone = await path.write(workspace, makeCommand(id('email', 'a@x.example'), { event: {} }))
    expect(alone).toMatchObject({ ok: false, code: 'CDP_IDENTIFIER_MISSING' })
    expect(holds(await profiles.get(workspace, user.profileId ?? 0), 'email')).toEqual([])
    expect(await noticesOf(workspace)).toEqual([expect.objectContaining({ reason: 'request_refused' })])
  })

  test('replacing an e-mail frees the old one, and null frees it too', async () => {
    const workspace = makeWorkspace()
    const set = (who: string, email: Json) =>
      path.write(workspace, makeCommand(userId(who), { attributes: { email } }))
    const { profileId: one } = await set('one', 'old@x.example')
    await set('one', 'new@x.example')
    const { profileId: two } = await set('two', 'old@x.example')
    expect(holds(await profiles.get(workspace, one ?? 0), 'email')).toEqual(['new@x.example'])
    expect(holds(await profiles.get(workspace, two ?? 0), 'email')).toEqual(['old@x.example'])
    await set('one', null)
    const cleared = await profiles.get(workspace, one ?? 0)
    expect([holds(cleared, 'email'), cleared.attributes]).toEqual([[], {}])
    await set('three', 'new@x.example')
    expect(await noticesOf(workspace)).toEqual([])
  })

  test('an e-mail that changes hands inside one request is as new at its new holder', async () => {
    const workspace = makeWorkspace()
    await path.write(workspace, makeCommand(userId('one'), { attributes: { email: 'e@x.example' } }), {
      dialect: 'first',
    })
    const commands = [
      makeCommand(userId('one'), { attributes: { email: null } }),
      makeCommand(userId('two'), { attributes: { email: 'e@x.example' } }),
    ]
    const receivedAt = Date.now()
    await path.submit(makeUnit(workspace, commands, { dialect: 'second', receivedAt }))
    const { identifiers } = await profiles.lookup(workspace, userId('two'))
    expect(identifiers.find(({ kind }) => kind === 'email')).toMatchObject({
      source: 'second',
      firstSeenAt: receivedAt,
      isPrimary: true,
    })
  })

  test('a device that another userId holds does not make two people one, nor takes a userId away', async () => {
    const workspace = makeWorkspace()
    const first = await path.write(workspace, makeCommand([userId('one'), id('deviceId', 'shared')]))
    const second = await path.write(workspace, makeCommand([userId('two'), id('deviceId', 'shared')]))
    const third = await path.write(workspace, makeCommand([id('deviceId', 'shared'), userId('three')]))
    expect(new Set([first, second, third].map(({ profileId }) => profileId)).size).toBe(3)
    expect((await profiles.lookup(workspace, userId('one'))).id).toBe(first.profileId)
    expect((await profiles.lookup(workspace, id('deviceId', 'shared'))).id).toBe(first.profileId)
    const held = { reason: 'identifier_held', pointer: '/0' }
    expect(await noticesOf(workspace)).toEqual([
      { ...held, profile_id: second.profileId },
      { ...held, profile_id: third.profileId },
    ])
    const anonymous = await path.write(workspace, makeCommand(id('deviceId', 'fresh')))
    const known = await path.write(workspace, makeCommand([userId('four'), id('deviceId', 'fresh')]))
    expect(known.profileId).toBe(anonymous.profileId)
  })

  test('a value that identifies nobody counts as absent', async () => {
    const workspace = makeWorkspace({ junkIdentifiers: { userId: ['test-user'] } })
    const junk = [
      '',
      'null',
      'UNDEFINED',
      ' anonymous ',
      '0',
      '[object Object]',
      '00000000-0000-0000-0000-000000000000',
      'Test-User',
    ]
    for (const value of junk) {
      expect(await path.write(workspace, makeCommand(userId(value), { event: {} }))).toMatchObject({
        code: 'CDP_IDENTIFIER_MISSING',
      })
    }
    const beside = await Promise.all(
      junk.map((value, n) =>
        path.write(workspace, makeCommand([userId(value), id('anonymousId', `device-${n}`)], { event: {} })),
      ),
    )
    expect(new Set(beside.map(({ profileId }) => profileId)).size).toBe(junk.length)
    const reasons = (await noticesOf(workspace)).map(({ reason }) => reason)
    expect(reasons.filter((reason) => reason === 'identifier_junk')).toHaveLength(junk.length)
    const email = await path.write(workspace, makeCommand(userId('real'), { attributes: { email: 'N/A' } }))
    expect(holds(await profiles.get(workspace, email.profileId ?? 0), 'email')).toEqual([])
  })

  test('a phone number identifies only when nothing else does', async () => {
    const workspace = makeWorkspace({ defaultCountry: 'PL' })
    const user = await path.write(
      workspace,
      makeCommand([userId('u'), id('phone', '+48 600 100 200')], { event: {} }),
    )
    const alone = await path.write(workspace, makeCommand(id('phone', '600100200'), { event: {} }))
    expect(alone.profileId).not.toBe(user.profileId)
    expect((await profiles.lookup(workspace, id('phone', '0048600100200'))).id).toBe(alone.profileId)
    expect(await path.write(workspace, makeCommand(id('phone', 'no number'), { event: {} }))).toMatchObject({
      ok: false,
    })
  })

  function holds({ identifiers }: Profile, kind: string): string[] {
    return identifiers.filter((held) => held.kind === kind).map(({ value }) => value)
  }

  async function diffsOf(profileId: number | undefined): Promise<unknown[]> {
    const rows = await rowsOf<{ diff: unknown }>(
      database,
      'select diff from profile_change where profile_id = $1 order by at',
      [profileId],
    )
    return rows.map(({ diff }) => diff)
  }

  async function noticesOf(
    workspace: Workspace,
  ): Promise<{ reason: string; pointer: string; profile_id: number | undefined }[]> {
    return rowsOf(
      database,
      'select reason, pointer, profile_id::int from rejection where workspace_id = $1 order by at, rejection_id',
      [workspace.id],
    )
  }
})
