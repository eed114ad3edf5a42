import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readStatistics } from '../../src/core/statistics/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { EventWrite, TransactionWrite } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'

const OCCURRED_AT = Date.UTC(2024, 4, 1)

describe.each(MAJORS)('events that a later one replaces, on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath
  let workspace: Workspace

  beforeEach(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
    workspace = makeWorkspace()
  })
  afterEach(async () => {
    await path.close()
    await database.close()
  })

  /** A purchase of so many lines, stated under an id. */
  const purchase = (lines: number, total: string, event: Partial<EventWrite> = {}) => {
    const transaction: TransactionWrite = {
      orderId: 'o-1',
      currency: 'EUR',
      value: total,
      revenue: total,
      lines: Array.from({ length: lines }, (_, n) => ({
        sku: `s${n}`,
        name: `Product ${n}`,
        quantity: '1',
        unitPrice: '0.1',
      })),
    }
    const parts = transaction.lines.map(({ sku }) => ({ name: 'Bought', properties: { sku, total } }))
    return makeCommand(userId('u'), {
      event: {
        name: 'Paid',
        occurredAt: OCCURRED_AT,
        messageId: 'salt',
        onDuplicate: 'replace',
        partIdsProperty: 'partIds',
        properties: { total },
        parts,
        ...event,
      },
      transaction,
    })
  }

  const stored = (): Promise<{ event_id: string; name: string; properties: Record<string, unknown> }[]> =>
    rowsOf(
      database,
      `select event_id, name, properties from event where workspace_id = $1 order by name desc, properties->>'sku'`,
      [workspace.id],
    )

  const totals = async (): Promise<unknown> => {
    await followAll(database)
    const { events, transactions, profiles } = await readStatistics(database.db, workspace.id, [])
    return { events, transactions, profiles }
  }

  test('a purchase is one event and one for each line, with ids that derive from it', async () => {
    await path.write(workspace, purchase(2, '12345678901234.56'))
    const [paid, ...bought] = await stored()
    expect(paid).toMatchObject({ name: 'Paid', properties: { total: '12345678901234.56' } })
    expect(paid?.properties['partIds']).toEqual(bought.map(({ event_id: eventId }) => eventId))
    const rows = await rowsOf(
      database,
      'select transaction_id, order_id, value::text, lines from transaction',
    )
    expect(rows).toEqual([
      expect.objectContaining({
        transaction_id: paid?.event_id,
        order_id: 'o-1',
        value: '12345678901234.56',
      }),
    ])
    expect(await totals()).toEqual({ events: 3, transactions: 1, profiles: 1 })
  })

  test.each(['in transactions of their own', 'in one'])(
    'the same one again takes its place, keeps its ids and counts once, %s',
    async (how) => {
      const writes = [purchase(3, '1.00'), purchase(1, '2.00'), purchase(2, '3.00')]
      const first: Shown[] = []
      if (how === 'in one') first.push(...(await path.submit(makeUnit(workspace, writes))))
      else for (const command of writes) first.push(await path.write(workspace, command))
      expect(new Set(first.map(({ eventId }) => eventId)).size).toBe(1)
      const rows = await stored()
      expect(rows.map(({ name, properties }) => [name, properties['total']])).toEqual([
        ['Paid', '3.00'],
        ['Bought', '3.00'],
        ['Bought', '3.00'],
      ])
      expect(rows[0]?.properties['partIds']).toEqual(rows.slice(1).map(({ event_id: eventId }) => eventId))
      expect(await countOf(database, 'select sum(value) from transaction')).toBe(3)
      expect(await totals()).toEqual({ events: 3, transactions: 1, profiles: 1 })
    },
  )

  test('after its profile was merged away it is still the same event', async () => {
    const { profileId: loserId = 0 } = await path.write(workspace, purchase(1, '1.00'))
    const { profileId: winnerId = 0 } = await path.write(workspace, makeCommand(userId('w')))
    await openProfiles(database.db).merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    await path.write(workspace, purchase(1, '2.00'))
    expect((await stored()).map(({ properties }) => properties['total'])).toEqual(['2.00', '2.00'])
  })

  test('under an id that belongs to another person it is an event of its own', async () => {
    await path.write(workspace, purchase(0, '1.00'))
    await path.write(workspace, { ...purchase(0, '2.00'), identifiers: [userId('other')] })
    expect((await stored()).map(({ properties }) => properties['total']).sort()).toEqual(['1.00', '2.00'])
  })

  test('ids are unique inside their scope only', async () => {
    const send = (messageScope: string) =>
      path.write(workspace, makeCommand(userId('u'), { event: { messageId: 'm', messageScope } }))
    const shown = [await send('app 1'), await send('app 2'), await send('app 1')]
    expect(shown.map(({ duplicate }) => duplicate)).toEqual([false, false, true])
  })

  describe('wherever the stored one is', () => {
    const statement = (user: string, event: Partial<EventWrite>) =>
      makeCommand(userId(user), { event: { messageId: 'm', onDuplicate: 'supersede', ...event } })

    const places = (): Promise<unknown[]> =>
      rowsOf(
        database,
        `select i.value, e.name, e.occurred_at::date::text as day
           from event e join identifier i on i.workspace_id = e.workspace_id and i.profile_id = e.profile_id
          where e.workspace_id = $1 order by i.value`,
        [workspace.id],
      )

    test.each(['in transactions of their own', 'in one'])(
      'the last one counts alone, of whatever person, name and time, %s',
      async (how) => {
        const writes = [
          statement('a', { name: 'first', occurredAt: Date.UTC(2024, 4, 1) }),
          statement('b', { name: 'second', occurredAt: Date.UTC(2024, 4, 1) }),
          statement('b', { name: 'third', occurredAt: Date.UTC(2025, 4, 1) }),
          statement('b', { name: 'fourth', occurredAt: Date.UTC(2025, 4, 1) }),
          statement('a', { name: 'last', occurredAt: Date.UTC(2024, 4, 1) }),
        ]
        const shown: Shown[] = []
        if (how === 'in one') shown.push(...(await path.submit(makeUnit(workspace, writes))))
        else for (const command of writes) shown.push(await path.write(workspace, command))
        expect(new Set(shown.map(({ eventId }) => eventId)).size).toBe(1)
        expect(await places()).toEqual([{ value: 'a', name: 'last', day: '2024-05-01' }])
        expect(await totals()).toEqual({ events: 1, transactions: 0, profiles: 2 })
      },
    )

    test('a stored one that went from one to another and back in one transaction is there once', async () => {
      await path.write(workspace, statement('a', { name: 'stored' }))
      await path.submit(
        makeUnit(workspace, [statement('b', { name: 'away' }), statement('a', { name: 'back' })]),
      )
      expect(await places()).toMatchObject([{ value: 'a', name: 'back' }])
      expect(await totals()).toEqual({ events: 1, transactions: 0, profiles: 2 })
    })

    test('and after its profile was merged away', async () => {
      const { profileId: loserId = 0 } = await path.write(workspace, statement('a', { name: 'stored' }))
      const { profileId: winnerId = 0 } = await path.write(workspace, makeCommand(userId('w')))
      await openProfiles(database.db).merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
      await path.write(workspace, statement('c', { name: 'again' }))
      expect(await places()).toMatchObject([{ value: 'c', name: 'again' }])
      expect(await totals()).toEqual({ events: 1, transactions: 0, profiles: 2 })
    })
  })
})
