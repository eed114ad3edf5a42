import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { AttributeOperator } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

describe('a command that stored state refuses', () => {
  let database: TestDatabase
  let path: WritePath
  let workspace: Workspace

  beforeEach(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
    workspace = makeWorkspace()
  })
  afterEach(async () => {
    await path.close()
    await database.close()
  })

  const operate = (who: string, operators: Record<string, AttributeOperator>) => ({
    ...makeCommand(userId(who)),
    attributes: { values: {}, operators },
  })

  const attributesOf = async (who: string): Promise<unknown> =>
    (await openProfiles(database.db).lookup(workspace, userId(who))).attributes

  test('operators count from 0 and from the empty list, in the order of the items of a unit', async () => {
    const tags = (operator: 'add' | 'remove', ...items: string[]) => ({ tags: { operator, items } })
    await path.submit(
      makeUnit(
        workspace,
        [
          operate('u', { visits: { operator: 'increment', by: 2 }, ...tags('add', 'a', 'b') }),
          operate('u', { visits: { operator: 'increment', by: -0.5 }, ...tags('add', 'b', 'c') }),
          operate('u', tags('remove', 'a', 'never there')),
        ],
        { atomic: 'all' },
      ),
    )
    expect(await attributesOf('u')).toEqual({ visits: 1.5, tags: ['b', 'c'] })
    await path.write(workspace, operate('u', { visits: { operator: 'increment', by: 10 } }))
    expect(await attributesOf('u')).toMatchObject({ visits: 11.5 })
    const changes = await rowsOf<{ diff: unknown }>(
      database,
      'select diff from profile_change order by change_id',
    )
    expect(changes.at(-1)?.diff).toEqual({ visits: [1.5, 11.5] })
  })

  test.each([
    ['increment on a text', { name: { operator: 'increment', by: 1 } }],
    ['add to a text', { name: { operator: 'add', items: ['x'] } }],
    ['remove from a text', { name: { operator: 'remove', items: ['x'] } }],
    ['a sum that is no number', { count: { operator: 'increment', by: Number.MAX_VALUE } }],
  ] satisfies [string, Record<string, AttributeOperator>][])('%s is refused', async (_what, operators) => {
    const values = { name: 'Ana', count: Number.MAX_VALUE }
    await path.write(workspace, makeCommand(userId('u'), { attributes: values }))
    const shown = await path.write(workspace, operate('u', operators))
    expect(shown).toMatchObject({ ok: false, code: 'CDP_ATTRIBUTE_OPERATOR' })
    expect(await attributesOf('u')).toEqual(values)
  })

  test('nothing of a unit that stands or falls as one is stored, and its neighbours are', async () => {
    await path.write(
      workspace,
      makeCommand(userId('old'), { attributes: { plan: 'gold', email: 'o@x.example' } }),
    )
    const good = makeCommand([userId('new'), id('anonymousId', 'a1')], {
      attributes: { email: 'new@x.example' },
      consents: [{ channel: 'sms', state: 'granted' }],
      event: { name: 'Seen', messageId: 'm1' },
    })
    const adopting = makeCommand([userId('old'), id('anonymousId', 'a2')], { attributes: { plan: 'silver' } })
    const bad = operate('old', { plan: { operator: 'increment', by: 1 } })
    const neighbour = (who: string) =>
      path.write(workspace, makeCommand(userId(who), { attributes: { name: who } }))
    const [, refused] = await Promise.all([
      neighbour('left'),
      path
        .submit(makeUnit(workspace, [good, adopting, bad], { atomic: 'all' }))
        .catch((error: unknown) => error),
      neighbour('right'),
    ])
    expect(refused).toMatchObject({ code: 'CDP_ATTRIBUTE_OPERATOR', pointer: '/0/plan' })
    expect(await attributesOf('old')).toEqual({ plan: 'gold', email: 'o@x.example' })
    await expect(attributesOf('new')).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
    expect([await attributesOf('left'), await attributesOf('right')]).toEqual([
      { name: 'left' },
      { name: 'right' },
    ])
    for (const table of ['event', 'consent', 'dedupe', 'rejection'])
      expect([table, await countOf(database, `select count(*) from ${table}`)]).toEqual([table, 0])
    expect(await countOf(database, 'select count(*) from identifier')).toBe(4)
    expect(await countOf(database, 'select count(*) from profile')).toBe(3)
    // What was refused leaves nothing that would hinder the same items later.
    await path.submit(makeUnit(workspace, [good, adopting], { atomic: 'all' }))
    expect(await attributesOf('old')).toMatchObject({ plan: 'silver' })
  })

  test('where each item stands for itself, only the refused one is missing, and the ledger has it', async () => {
    const results = await path.submit(
      makeUnit(workspace, [
        makeCommand(userId('a'), { attributes: { n: 'text' } }),
        operate('a', { n: { operator: 'increment', by: 1 } }),
        makeCommand(id('anonymousId', 'nobody'), { target: 'existing', attributes: { n: 1 } }),
        makeCommand(userId('b'), { attributes: { n: 1 } }),
      ]),
    )
    expect(results.map(({ ok, code }) => code ?? ok)).toEqual([
      true,
      'CDP_ATTRIBUTE_OPERATOR',
      'CDP_PROFILE_NOT_FOUND',
      true,
    ])
    expect(await countOf(database, 'select count(*) from profile')).toBe(2)
    expect(await countOf(database, `select count(*) from rejection where reason = 'request_refused'`)).toBe(2)
  })

  test('an identifier of somebody else refuses where the sender asked for it', async () => {
    const alias = id('alias', '7', 'crm')
    await path.write(workspace, makeCommand([userId('owner'), alias]))
    const taken = makeCommand([userId('thief'), alias], { onHeld: 'refuse', attributes: { n: 1 } })
    expect(await path.write(workspace, taken)).toMatchObject({ code: 'CDP_IDENTIFIER_HELD' })
    expect(await countOf(database, 'select count(*) from profile')).toBe(1)
  })

  test('a profile id leads to a living profile only', async () => {
    const { profileId = 0 } = await path.write(workspace, makeCommand(userId('u')))
    const named = (target: number) =>
      makeCommand([], { profileId: target, target: 'existing', attributes: { n: 1 } })
    expect(await path.write(workspace, named(profileId))).toMatchObject({ ok: true, profileId })
    expect(await path.write(workspace, named(profileId + 500))).toMatchObject({
      code: 'CDP_PROFILE_NOT_FOUND',
    })
    expect(await path.write(makeWorkspace(), named(profileId))).toMatchObject({
      code: 'CDP_PROFILE_NOT_FOUND',
    })
    const { profileId: survivor = 0 } = await path.write(workspace, makeCommand(userId('v')))
    await openProfiles(database.db).merge({ workspace, loserIds: [profileId], winnerId: survivor, by: 'x' })
    expect(await path.write(workspace, named(profileId))).toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  })

  test('of writes that read the same version one wins', async () => {
    const { profileId = 0 } = await path.write(workspace, makeCommand(userId('u'), { attributes: { n: 0 } }))
    const { version } = await openProfiles(database.db).get(workspace, profileId)
    const writes = Array.from({ length: 6 }, (_, n) =>
      path.write(workspace, makeCommand([], { profileId, ifVersion: version, attributes: { n: n + 1 } })),
    )
    const codes = (await Promise.all(writes)).map(({ ok, code }) => code ?? ok)
    expect(codes.filter((code) => code === true)).toHaveLength(1)
    expect(codes.filter((code) => code === 'CDP_PRECONDITION_FAILED')).toHaveLength(5)
  })

  test('identifiers for a new profile are given to a new profile only', async () => {
    const write = (who: string, minted: string) =>
      path.write(workspace, makeCommand(userId(who), { onCreate: [id('alias', minted, 'pyze')] }))
    await write('u', 'first')
    await write('u', 'second')
    const { identifiers } = await openProfiles(database.db).lookup(workspace, userId('u'))
    expect(identifiers.filter(({ kind }) => kind === 'alias').map(({ value }) => value)).toEqual([
      'pyze\u001Ffirst',
    ])
  })
})
