import { parse } from 'csv-parse/sync'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readColumns } from '../../src/core/exports/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { toRfc3339 } from '../../src/lib/time.ts'
import type { ConsentWrite } from '../../src/model/command.ts'
import { makeCommand, id, userId } from '../setup/ingest.ts'
import { asArrayBuffer, linesOf, openExportPath } from '../setup/exports.ts'
import type { ExportPath } from '../setup/exports.ts'

let setup: ExportPath

beforeAll(async () => {
  setup = await openExportPath()
})

afterAll(async () => {
  expect(setup.errors).toEqual([])
  await setup.close()
})

test('a profile is exported as the API shows it: identifiers, attributes, tags, consents, times', async () => {
  const workspace = await setup.declared()
  const at = Date.parse('2026-03-01T10:00:00.123Z')
  const { profileId } = await setup.path.write(
    workspace,
    makeCommand([userId('ann'), id('email', 'ann@example.com'), id('alias', '7', 'shop')], {
      attributes: { city: 'Łódź "x"\n', age: 30, nested: { a: [1, null] } },
      consents: [{ channel: 'email', state: 'granted' }],
      tags: ['vip', 'a "tag"'],
      event: { name: 'Seen', occurredAt: at, properties: {} },
    }),
    { receivedAt: at },
  )
  const profile = await openProfiles(setup.database.db).get(workspace, profileId!)
  const [row, ...others] = linesOf(await setup.written(workspace))
  expect(others).toEqual([])
  expect(row).toEqual({
    profileId,
    userId: 'ann',
    email: 'ann@example.com',
    phone: null,
    uuid: [],
    anonymousId: [],
    deviceId: [],
    alias: [{ label: 'shop', value: '7' }],
    attributes: profile.attributes,
    tags: profile.tags,
    consents: { email: { state: 'granted', at: toRfc3339(at), source: 'test' } },
    createdAt: toRfc3339(profile.createdAt),
    updatedAt: toRfc3339(profile.updatedAt),
    // Lists are a second behind, and nobody follows here.
    lastActivityAt: null,
  })
  const [chosen] = linesOf(
    await setup.written(workspace, { fields: ['attributes.age', 'attributes.none', 'identifiers'] }),
  )
  expect(Object.keys(chosen!)).toEqual(['attributes.age', 'attributes.none', 'identifiers'])
  expect(chosen).toEqual({
    'attributes.age': 30,
    'attributes.none': null,
    identifiers: expect.arrayContaining([
      { kind: 'userId', value: 'ann', source: 'test', firstSeenAt: expect.any(String), isPrimary: true },
      expect.objectContaining({ kind: 'alias', label: 'shop', value: '7' }),
    ]),
  })
})

test('a field that there is not, or that stands there twice, is refused with its place', () => {
  const refusal = (kind: 'profiles' | 'events', fields: string[]): unknown => {
    try {
      return readColumns(kind, fields)
    } catch (error) {
      return error
    }
  }
  const refused = { code: 'CDP_BODY_INVALID', pointer: '/fields/1' }
  expect(refusal('profiles', ['tags', 'colour'])).toMatchObject(refused)
  expect(refusal('profiles', ['tags', 'tags'])).toMatchObject(refused)
  expect(refusal('profiles', ['tags', 'attributes.'])).toMatchObject(refused)
  expect(refusal('profiles', ['tags', 'properties.total'])).toMatchObject(refused)
  expect(refusal('events', ['name', 'attributes.city'])).toMatchObject(refused)
  expect(refusal('events', ['name', 'properties.total'])).toHaveLength(2)
})

test('survivors of merges stand for those who were merged into them, with the answers that count', async () => {
  const workspace = await setup.declared()
  const answering = async (name: string, at: number, consents: readonly ConsentWrite[]): Promise<number> => {
    const command = makeCommand(userId(name), { consents })
    const { profileId } = await setup.path.write(workspace, command, { receivedAt: at })
    return profileId!
  }
  const loser = await answering('old', Date.parse('2026-03-02'), [
    { channel: 'email', state: 'denied' },
    { channel: 'sms', state: 'granted' },
  ])
  const survivor = await answering('new', Date.parse('2026-03-01'), [{ channel: 'email', state: 'granted' }])
  await setup.path.write(workspace, makeCommand(userId('old'), { event: { name: 'Seen' } }))
  const merge = { workspace, loserIds: [loser], winnerId: survivor, by: 'test' }
  await openProfiles(setup.database.db).merge(merge)
  const fields = ['profileId', 'mergedFrom', 'consents', 'userId']
  const rows = linesOf(await setup.written(workspace, { fields }))
  expect(rows).toEqual([
    {
      profileId: survivor,
      mergedFrom: [loser],
      consents: {
        email: expect.objectContaining({ state: 'granted' }),
        sms: expect.objectContaining({ state: 'granted' }),
      },
      userId: 'new',
    },
  ])
  const events = linesOf(await setup.written(workspace, { kind: 'events' }))
  expect(events).toMatchObject([{ profileId: survivor, name: 'Seen' }])
})

test('events come by their time, the end left out, and by name; without bounds all of them', async () => {
  const workspace = await setup.declared()
  const days = ['2019-05-05', '2024-01-31', '2024-02-01', '2024-03-01'].map((day) => Date.parse(day))
  for (const [index, occurredAt] of days.entries())
    await setup.path.write(
      workspace,
      makeCommand(userId('ann'), {
        event: { name: index === 2 ? 'Bought' : 'Seen', occurredAt, properties: { n: index } },
      }),
    )
  const numbers = async (filter: object): Promise<unknown[]> => {
    const bytes = await setup.written(workspace, { kind: 'events', fields: ['properties.n'], ...filter })
    // They come in no order.
    return linesOf(bytes)
      .map((row) => Number(row['properties.n']))
      .sort((a, b) => a - b)
  }
  expect(await numbers({})).toEqual([0, 1, 2, 3])
  expect(await numbers({ from: days[1], to: days[3] })).toEqual([1, 2])
  expect(await numbers({ from: days[1], names: ['Bought', 'Lost'] })).toEqual([2])
  const [whole] = linesOf(await setup.written(workspace, { kind: 'events', to: days[1]! }))
  expect(whole).toEqual({
    eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    profileId: expect.any(Number),
    name: 'Seen',
    occurredAt: '2019-05-05T00:00:00.000Z',
    receivedAt: expect.stringMatching(/Z$/),
    sentAt: null,
    source: 'test',
    properties: { n: 0 },
  })
})

test('CSV is read again as it was; what a spreadsheet would run is text, a number stays a number', async () => {
  const workspace = await setup.declared()
  await setup.store(workspace, 'a', {
    note: '=1+1',
    amount: -5,
    phone: '+48123456789',
    text: 'x,"y"\r\nz',
    list: [1],
  })
  await setup.store(workspace, 'b', { note: '', amount: '@x' })
  const fields = ['userId', 'note', 'amount', 'phone', 'text', 'list'].map((name) =>
    name === 'userId' ? name : `attributes.${name}`,
  )
  const bytes = await setup.written(workspace, { format: 'csv', fields })
  const options = { record_delimiter: '\r\n', relax_column_count: false }
  expect(parse(bytes, options)).toEqual([
    fields,
    ['a', "'=1+1", '-5', '+48123456789', 'x,"y"\r\nz', '[1]'],
    ['b', '', "'@x", '', '', ''],
  ])
  // An empty text is none of no text.
  expect(bytes.toString()).toContain('b,"",')
})

test('Parquet has a type for each column, as the values of the snapshot are', async () => {
  const workspace = await setup.declared()
  const first = await setup.store(workspace, 'a', {
    city: 'Dublin',
    score: 1.5,
    vip: true,
    mixed: 1,
    list: [{ a: 1 }],
  })
  const second = await setup.store(workspace, 'b', { city: 'Łódź', score: -2, vip: false, mixed: 'x' })
  const fields = ['profileId', 'createdAt', 'userId', 'tags', 'attributes']
  const members = ['city', 'score', 'vip', 'mixed', 'list', 'none'].map((name) => `attributes.${name}`)
  const bytes = asArrayBuffer(
    await setup.written(workspace, { format: 'parquet', fields: [...fields, ...members] }),
  )
  const rows = await parquetReadObjects({ file: bytes })
  expect(rows).toEqual([
    {
      profileId: BigInt(first),
      createdAt: expect.any(Date),
      userId: 'a',
      tags: [],
      attributes: { city: 'Dublin', score: 1.5, vip: true, mixed: 1, list: [{ a: 1 }] },
      'attributes.city': 'Dublin',
      'attributes.score': 1.5,
      'attributes.vip': true,
      'attributes.mixed': 1,
      'attributes.list': [{ a: 1 }],
      'attributes.none': null,
    },
    expect.objectContaining({
      profileId: BigInt(second),
      'attributes.city': 'Łódź',
      'attributes.score': -2,
      'attributes.vip': false,
      'attributes.mixed': 'x',
      'attributes.list': null,
    }),
  ])
  const types = parquetMetadata(bytes)
    .schema.slice(1)
    .map(({ name, type, converted_type: as }) => [name, as ?? type])
  expect(Object.fromEntries(types)).toMatchObject({
    profileId: 'INT64',
    createdAt: 'TIMESTAMP_MILLIS',
    'attributes.city': 'UTF8',
    'attributes.score': 'DOUBLE',
    'attributes.vip': 'BOOLEAN',
    'attributes.mixed': 'JSON',
    'attributes.none': 'UTF8',
  })
})
