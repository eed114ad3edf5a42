import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { followAll } from '../../setup/followers.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const call = (operation: string, sent: object = {}): Promise<Reply> =>
  harness.call('synerise', operation, sent)

interface Shown extends Record<string, unknown> {
  clientId: number
  customId: string
  previousClients: unknown[]
}

const fetchBy = (identifierType: string, identifierValue: string): Promise<Reply> =>
  call('fetch-client', { params: { identifierType, identifierValue } })

const make = async (more: object = {}): Promise<Shown> => {
  const customId = `merge-${randomUUID()}`
  await call('create-client', { body: { customId, uuid: randomUUID(), ...more } })
  return (await fetchBy('by-custom-id', customId)).body as Shown
}

const mergeIds = (from: readonly number[], to: number, headers: object = {}): Promise<Reply> =>
  call('merge-by-id', { params: { fromClientIds: from.join(), toClientId: String(to) }, headers })

describe.each(['id', 'customId'])('a merge by %s', (kind) => {
  const merge = (sources: readonly Shown[], target: Shown): Promise<Reply> =>
    kind === 'id'
      ? mergeIds(
          sources.map(({ clientId }) => clientId),
          target.clientId,
        )
      : call('merge-by-custom-id', {
          params: {
            sourceCustomIDs: sources.map(({ customId }) => customId).join(),
            targetCustomID: target.customId,
          },
        })

  it('moves uuids, fills custom attributes, drops fields and tags, and tells the timeline', async () => {
    const target = await make({ attributes: { colour: 'red' } })
    const first = await make({ firstName: 'Anna', attributes: { colour: 'blue', points: 1 }, tags: ['old'] })
    const second = await make({ attributes: { points: 2, size: 38 } })
    await call('custom-event', {
      body: { action: 'seen.here', label: 'x', client: { id: first.clientId } },
    })
    const reply = await merge([first, target, second], target)
    expect(reply.status, reply.text).toBe(200)
    const shown = reply.body as Shown
    expect(shown).toMatchObject({
      clientId: target.clientId,
      customId: target.customId,
      uuid: target['uuid'],
      firstName: null,
      tags: [],
      attributes: { colour: 'red', points: 1, size: 38 },
    })
    const named = kind === 'id' ? ('clientId' as const) : ('customId' as const)
    expect(shown.previousClients).toEqual([first[named], second[named]])
    for (const { uuid, clientId } of [first, second]) {
      expect((await fetchBy('by-uuid', String(uuid))).body).toMatchObject({ clientId: target.clientId })
      expect((await call('get-client', { params: { clientId: String(clientId) } })).status).toBe(404)
    }
    const events = await call('list-client-events', { params: { clientId: String(target.clientId) } })
    const actions = (events.body as { action: string }[]).map(({ action }) => action)
    expect(actions.toSorted()).toEqual(['client.merge', 'seen.here'])
    expect((await call('get-client', { params: { clientId: String(target.clientId) } })).body).toMatchObject({
      previousClients: [],
    })
  })

  it('of somebody who does not exist merges nobody', async () => {
    const [target, first] = [await make(), await make()]
    const nobody = { ...first, clientId: 999_999_999, customId: 'nobody' }
    expectVendorError('synerise', await merge([first, nobody], target), 'not_found')
    expectVendorError('synerise', await merge([first], nobody), 'not_found')
    const still = await call('get-client', { params: { clientId: String(first.clientId) } })
    expect(still.status).toBe(200)
  })

  it('into itself changes nothing', async () => {
    const target = await make()
    const reply = await merge([target], target)
    expect([reply.status, reply.body]).toMatchObject([200, { previousClients: [] }])
  })
})

describe('a merge of many', () => {
  it('takes 20 profiles at once, is counted, and each is taken back alone by an administrator', async () => {
    const target = await make()
    const sources = await Promise.all(
      Array.from({ length: 20 }, (_, place) => make({ attributes: { place } })),
    )
    await followAll(database)
    const profilesNow = async (): Promise<number> =>
      ((await harness.call('native', 'get-stats')).body as { profiles: number }).profiles
    const before = await profilesNow()
    const ids = sources.map(({ clientId }) => clientId)
    expect((await mergeIds(ids, target.clientId)).status).toBe(200)
    await followAll(database)
    expect(await profilesNow()).toBe(before - 20)
    for (const { clientId } of sources.slice(0, 2)) {
      const undone = await harness.call('native', 'unmerge-profile', {
        params: { profileId: String(clientId) },
      })
      expect(undone.status, undone.text).toBe(200)
      expect((await call('get-client', { params: { clientId: String(clientId) } })).status).toBe(200)
    }
    const [, , third] = sources
    const shown = await call('get-client', { params: { clientId: String(target.clientId) } })
    expect(shown.body).toMatchObject({ attributes: { place: 2 } })
    expect((await fetchBy('by-uuid', String(third?.['uuid']))).body).toMatchObject({
      clientId: target.clientId,
    })
  })

  it('of more than a hundred, of none and of what is no id is refused', async () => {
    const { clientId } = await make()
    const many = Array.from({ length: 101 }, (_, place) => place + 1)
    expectVendorError('synerise', await mergeIds(many, clientId), 'invalid')
    const params = { fromClientIds: ',', toClientId: String(clientId) }
    expectVendorError('synerise', await call('merge-by-id', { params }), 'invalid')
    expectVendorError(
      'synerise',
      await call('merge-by-id', { params: { ...params, fromClientIds: 'x' } }),
      'not_found',
    )
  })

  it('with an Idempotency-Key merges once and answers again', async () => {
    const [target, first] = [await make(), await make()]
    const headers = { 'idempotency-key': randomUUID() }
    const replies = [
      await mergeIds([first.clientId], target.clientId, headers),
      await mergeIds([first.clientId], target.clientId, headers),
    ]
    expect(replies.map(({ status }) => status)).toEqual([200, 200])
    const events = await call('list-client-events', { params: { clientId: String(target.clientId) } })
    expect(events.body).toHaveLength(1)
  })
})
