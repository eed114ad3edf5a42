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

const list = (operation: string, UUID: string, query: Record<string, string> = {}): Promise<ContactPage> =>
  answered<ContactPage>(operation, { params: { UUID }, query })

describe('a local segmentation', () => {
  it('lists at once who belongs to it, the newest first, in parts, filtered and searched', async () => {
    const { city, anna, ewa, nobody } = await people()
    const id = await makeLocal(inCity(city))
    const whole = await list('list-local-segmentation', id)
    expect([idsIn(whole), whole.all, whole.matching]).toEqual([[nobody, ewa, anna], 3, 3])
    const part = await list('list-local-segmentation', id, { limit: '1', offset: '1' })
    expect([idsIn(part), part.all]).toEqual([[ewa], 3])
    const recognized = await list('list-local-segmentation', id, { recognized: 'true' })
    expect([idsIn(recognized), recognized.all, recognized.matching]).toEqual([[ewa, anna], 3, 2])
    const found = await list('list-local-segmentation', id, { search: 'firstName:ewa' })
    expect([idsIn(found), found.all, found.matching]).toEqual([[ewa], 3, 1])
    const later = await live(city)
    expect(idsIn(await list('list-local-segmentation', id, { limit: '1' }))).toEqual([later])
  })

  it('keeps the filter that it was made with, and takes a name beside the definition', async () => {
    const { city, anna, ewa, nobody } = await people()
    const definition = inCity(city)
    const known = await makeLocal({ name: 'Known', definition }, 'RECOGNIZED')
    const unknown = await makeLocal({ definition }, 'ANONYMOUS')
    expect(await list('list-local-segmentation', known)).toMatchObject({ all: 2, matching: 2 })
    expect(idsIn(await list('list-local-segmentation', known))).toEqual([ewa, anna])
    expect(idsIn(await list('list-local-segmentation', unknown))).toEqual([nobody])
    const neither = await list('list-local-segmentation', known, { recognized: 'ANONYMOUS' })
    expect([idsIn(neither), neither.all, neither.matching]).toEqual([[], 2, 0])
  })

  it('is none of the named ones, and a named one is no local one', async () => {
    const { city } = await people()
    const local = await makeLocal(inCity(city))
    const named = await makeNamed(city, 3)
    const { items } = await answered<{ items: { id: string }[] }>('list-segments', {}, 'native')
    expect(items.map(({ id }) => id)).toContain(named)
    expect(items.map(({ id }) => id)).not.toContain(local)
    expect((await harness.call('native', 'get-segment', { params: { segmentId: local } })).status).toBe(404)
    expectVendorError('synerise', await call('list-segmentation', { params: { UUID: local } }), 'not_found')
    const wrong = await call('list-local-segmentation', { params: { UUID: named } })
    expectVendorError('synerise', wrong, 'not_found')
  })

  it('says what it said also after an aggregate in it has changed', async () => {
    const city = randomUUID()
    const buyer = await live(city)
    const definition = { function: 'count', name: city }
    const { id } = await answered<{ id: string }>(
      'create-aggregate',
      { body: { name: city, definition } },
      'native',
    )
    const never = { type: 'aggregate', id, operator: 'equals', value: 0 }
    const local = await makeLocal({ type: 'and', conditions: [inCity(city), never] })
    await answered('delete-aggregate', { params: { aggregateId: id } }, 'native')
    expect(idsIn(await list('list-local-segmentation', local))).toEqual([buyer])
  })

  it.each([
    { body: {}, field: 'type' },
    { body: { type: 'attribute', name: 'city' }, field: 'operator' },
    { body: { name: 'x', definition: { type: 'tag' } }, field: 'definition.name' },
    { body: { name: 7, definition: { type: 'tag', name: 'vip' } }, field: 'name' },
  ])('is refused at the place that is wrong: $field of $body', async ({ body, field }) => {
    const reply = await call('create-local-segmentation', { body })
    expectVendorError('synerise', reply, 'invalid')
    const { errors } = reply.body as { errors: { field: string }[] }
    expect(errors.map((error) => error.field)).toEqual([field])
  })

  it('goes after a day, and upkeep forgets it', async () => {
    const id = await makeLocal(inCity(randomUUID()))
    restoreClock = passHours(23)
    expect(await list('list-local-segmentation', id)).toMatchObject({ all: 0 })
    restoreClock = passHours(25)
    expectVendorError(
      'synerise',
      await call('list-local-segmentation', { params: { UUID: id } }),
      'not_found',
    )
    const stored = `select count(*) from local_segment where segment_id = '${id}'`
    expect(await countOf(database, stored)).toBe(1)
    await forgetPopulations(database.db)
    expect(await countOf(database, stored)).toBe(0)
  })
})

describe('a named segmentation', () => {
  it('lists its kept members, sorted as it is asked', async () => {
    const { city, anna, ewa, nobody } = await people()
    const id = await makeNamed(city, 3)
    const page = await list('list-segmentation', id, { sortBy: 'firstName:DESC' })
    expect([idsIn(page), page.all, page.matching]).toEqual([[ewa, anna, nobody], 3, 3])
    const second = await list('list-segmentation', id, {
      sortBy: 'firstName:ASC',
      limit: '1',
      offset: '1',
      recognized: 'RECOGNIZED',
    })
    expect([idsIn(second), second.all, second.matching]).toEqual([[ewa], 3, 2])
    const wrong = await call('list-segmentation', { params: { UUID: id }, query: { sortBy: 'shoe:ASC' } })
    expectVendorError('synerise', wrong, 'invalid')
  })

  it('follows who comes and who goes', async () => {
    const { city, anna, ewa, nobody } = await people()
    const id = await makeNamed(city, 3)
    const later = await live(city)
    await answered('delete-client', { params: { clientId: String(ewa) } })
    await expect.poll(async () => idsIn(await list('list-segmentation', id))).toEqual([later, nobody, anna])
  })
})
