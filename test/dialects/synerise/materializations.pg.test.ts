import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { forgetPopulations } from '../../../src/core/segments/index.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { idsIn, openSegmentations, passHours } from '../../setup/segmentations.ts'
import type { ContactPage } from '../../setup/segmentations.ts'

let database: TestDatabase
let harness: Harness
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterEach(() => restoreClock())

afterAll(async () => {
  await harness.close()
  await database.close()
})

const { answered, inCity, live, makeLocal, makeNamed, people } = openSegmentations(() => harness)

const call = (operation: string, sent: Call = {}): Promise<Reply> => harness.call('synerise', operation, sent)

describe('a materialization', () => {
  interface Copy {
    materializationId: number
    count: number
    expiration: string
  }

  const copy = (segment: string, headers = {}): Promise<Copy> =>
    answered<Copy>('create-materialization', { body: { segment }, headers })

  const read = async (id: number, query: Record<string, string> = {}): Promise<number[]> =>
    idsIn(
      await answered<ContactPage>('list-materialization', {
        params: { materializationId: String(id) },
        query,
      }),
    )

  it('shows who belonged to a segmentation of either kind when it was made, whoever comes later', async () => {
    const { city, anna, ewa, nobody } = await people()
    for (const id of [await makeLocal(inCity(city)), await makeNamed(city, 3)]) {
      const { materializationId, count } = await copy(id)
      await answered('crm-update', { params: { clientId: String(anna) }, body: { company: 'Elsewhere' } })
      expect([count, await read(materializationId)]).toEqual([3, [nobody, ewa, anna]])
      expect(await read(materializationId, { limit: '1', offset: '1' })).toEqual([ewa])
    }
    const local = await makeLocal(inCity(city))
    const { materializationId } = await copy(local)
    await live(city)
    expect(await read(materializationId)).toEqual([nobody, ewa, anna])
  })

  it('leaves out who is deleted by now, and moves nobody else to another page', async () => {
    const { city, anna, ewa, nobody } = await people()
    const { materializationId } = await copy(await makeLocal(inCity(city)))
    await answered('delete-client', { params: { clientId: String(ewa) } })
    expect(await read(materializationId)).toEqual([nobody, anna])
    expect(await read(materializationId, { limit: '2', offset: '2' })).toEqual([anna])
    const kept = `select count(*) from materialization_member where profile_id = ${ewa}`
    expect(await countOf(database, kept)).toBe(0)
  })

  it('shows who was merged as the survivor, once', async () => {
    const { city, anna, ewa, nobody } = await people()
    const outside = await live(randomUUID())
    const { materializationId } = await copy(await makeLocal(inCity(city)))
    const merge = (fromClientIds: number, toClientId: number): Promise<unknown> =>
      answered('merge-by-id', {
        params: { fromClientIds: String(fromClientIds), toClientId: String(toClientId) },
      })
    await merge(nobody, anna)
    expect(await read(materializationId)).toEqual([ewa, anna])
    await merge(ewa, outside)
    expect(await read(materializationId)).toEqual([outside, anna])
    await merge(anna, outside)
    expect(await read(materializationId)).toEqual([outside])
  })

  it('is made once for an Idempotency-Key, and goes after a day', async () => {
    const { city } = await people()
    const headers = { 'idempotency-key': randomUUID() }
    const segment = await makeLocal(inCity(city))
    const first = await copy(segment, headers)
    expect(await copy(segment, headers)).toEqual(first)
    const day = Date.parse(first.expiration) - Date.now()
    expect(day / 3_600_000).toBeCloseTo(24, 1)
    restoreClock = passHours(25)
    const params = { materializationId: String(first.materializationId) }
    expectVendorError('synerise', await call('list-materialization', { params }), 'not_found')
    await forgetPopulations(database.db)
    const { materializationId } = first
    for (const table of ['materialization', 'materialization_member'])
      expect(
        await countOf(
          database,
          `select count(*) from ${table} where materialization_id = ${materializationId}`,
        ),
      ).toBe(0)
  })

  it('is of no other workspace, and of no segmentation that nobody made', async () => {
    const { city } = await people()
    const segment = await makeLocal(inCity(city))
    const { materializationId } = await copy(segment)
    const params = { materializationId: String(materializationId) }
    const foreign = await call('list-materialization', { params, workspace: 'Second' })
    expectVendorError('synerise', foreign, 'not_found')
    const stranger = await call('create-materialization', { body: { segment }, workspace: 'Second' })
    expectVendorError('synerise', stranger, 'not_found')
    expectVendorError('synerise', await call('create-materialization', { body: { segment: 'x' } }), 'invalid')
  })
})
