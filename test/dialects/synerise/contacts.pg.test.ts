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

/** Makes a profile and gives its id as paths have it. */
const make = async (body: object = {}): Promise<{ customId: string; clientId: string }> => {
  const customId = `contact-${randomUUID()}`
  expect((await call('create-client', { body: { customId, ...body } })).status).toBe(202)
  const params = { identifierType: 'by-custom-id', identifierValue: customId }
  const { clientId } = (await call('fetch-client', { params })).body as { clientId: number }
  return { customId, clientId: String(clientId) }
}

interface Details {
  base: Record<string, { label: string; value: unknown }>
  tags: string[]
}

const detailsOf = async (clientId: string): Promise<Details> =>
  (await call('crm-details', { params: { clientId } })).body as Details

interface Page {
  customers: { id: number; email: string | null; lastName: string | null; custom_identify: string }[]
  all: number
  limit: number
  offset: number
  matching: number
}

const list = async (query: Record<string, string>, operation = 'crm-list'): Promise<Page> => {
  const reply = await call(operation, { query })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Page
}

describe('a contact', () => {
  it('shows every field with a label, custom attributes under their names, and its tags', async () => {
    const { clientId } = await make({ firstName: 'Anna', attributes: { shoeSize: 38 }, tags: ['vip'] })
    const { base, tags } = await detailsOf(clientId)
    expect([base['firstname'], base['shoeSize'], tags]).toEqual([
      { label: 'First name', value: 'Anna' },
      { label: 'shoeSize', value: 38 },
      ['vip'],
    ])
  })

  it('takes flat fields and custom attributes, and null deletes or resets them', async () => {
    const { clientId } = await make({ firstName: 'Anna', attributes: { shoeSize: 38, colour: 'red' } })
    const body = { firstname: null, lastName: 'Nowak', shoeSize: null, sex: 'UNDEFINED', tags: ['new'] }
    const reply = await call('crm-update', { params: { clientId }, body })
    expect(reply.status, reply.text).toBe(200)
    const { base, tags } = reply.body as Details
    expect([base['firstname']?.value, base['lastName']?.value, base['colour']?.value]).toEqual([
      null,
      'Nowak',
      'red',
    ])
    expect(base).not.toHaveProperty('shoeSize')
    expect(tags).toEqual(['new'])
    expect(await detailsOf(clientId)).toEqual(reply.body)
  })

  it('takes any text and any name of an attribute as it is', async () => {
    const { clientId } = await make()
    const body = JSON.parse('{"firstname":"UNDEFINED","__proto__":"p","constructor":"c"}') as object
    const { base } = (await call('crm-update', { params: { clientId }, body })).body as Details
    expect([base['firstname']?.value, base['constructor']?.value]).toEqual(['UNDEFINED', 'c'])
  })

  it('keeps what only the server says, and the ledger says so', async () => {
    const { clientId } = await make()
    const body = { created: '2001-01-01', deletedAt: '2001-01-01', uuid: randomUUID() }
    const reply = await call('crm-update', { params: { clientId }, body })
    expect((reply.body as Details).base['created']?.value).not.toBe('2001-01-01')
    const ledger = await harness.call('native', 'list-rejections', { query: { reason: 'field_unknown' } })
    const { items } = ledger.body as { items: { traceId: string; pointer: string }[] }
    const own = items.filter(({ traceId }) => traceId === reply.headers['x-request-id'])
    expect(own.map(({ pointer }) => pointer).sort()).toEqual(['/created', '/deletedAt'])
  })

  it('that joins another profile by its update is answered with what it became', async () => {
    const { customId, clientId: known } = await make({
      email: `${randomUUID()}@example.com`,
      firstName: 'Eva',
    })
    const uuid = randomUUID()
    await call('create-client', { body: { uuid } })
    const params = { identifierType: 'by-uuid', identifierValue: uuid }
    const { clientId } = (await call('fetch-client', { params })).body as { clientId: number }
    const reply = await call('crm-update', {
      params: { clientId: String(clientId) },
      body: { custom_identify: customId },
    })
    expect((reply.body as Details).base['firstname']?.value).toBe('Eva')
    expect((await call('crm-details', { params: { clientId: String(clientId) } })).status).toBe(404)
    expect((await call('fetch-client', { params })).body).toMatchObject({ clientId: Number(known) })
  })

  it('of another workspace, or of nobody, is not found', async () => {
    const { clientId } = await make()
    for (const operation of ['crm-details', 'crm-last-activity', 'crm-company-of-profile', 'crm-update']) {
      const sent = { params: { clientId }, body: {}, workspace: 'Second' as const }
      expectVendorError('synerise', await call(operation, sent), 'not_found')
    }
  })
})

describe('a list of contacts', () => {
  const mark = randomUUID()
  const emailOf = (name: string): string => `${name}-${mark}@example.com`

  beforeAll(async () => {
    for (const name of ['Abel', 'Bela', 'Cyra'])
      await make({ email: emailOf(name.toLowerCase()), lastName: name, attributes: { mark } })
    await make({ lastName: 'Dora', attributes: { mark } })
    await followAll(database)
  })

  it('finds by a plain text, pages, sorts both ways, and tells how many there are', async () => {
    const page = await list({ search: mark, sortBy: 'lastName:DESC', limit: '2', offset: '1' })
    expect(page.customers.map(({ lastName }) => lastName)).toEqual(['Cyra', 'Bela'])
    expect([page.limit, page.offset, page.matching]).toEqual([2, 1, 4])
    expect(page.all).toBeGreaterThanOrEqual(4)
  })

  it.each([
    ['RECOGNIZED', 3],
    ['true', 3],
    ['ANONYMOUS', 1],
    ['false', 1],
    ['NONE', 4],
  ])('with recognized=%s holds %i of four', async (recognized, count) => {
    const { customers, matching } = await list({ search: mark, recognized })
    expect([customers.length, matching]).toEqual([count, count])
  })

  it('finds by a field, a custom attribute and an identifier', async () => {
    const [first] = (await list({ search: `email:${emailOf('ABEL')}` })).customers
    expect(first?.lastName).toBe('Abel')
    expect((await list({ search: `mark:${mark}` })).matching).toBe(4)
    expect((await list({ search: `customId:${first?.custom_identify}` })).customers).toEqual([first])
    expect((await list({ search: `lastName:nobody-${mark}` })).customers).toEqual([])
  })

  it('refuses what is no page and no order', async () => {
    for (const query of [
      { limit: '0' },
      { limit: '-1' },
      { limit: '5000' },
      { offset: 'x' },
      { sortBy: 'email' },
    ])
      expectVendorError('synerise', await call('crm-list', { query }), 'invalid')
  })

  it('suggests what begins with a prefix', async () => {
    const query = { field: 'lastName', prefix: 'be', limit: '5' }
    expect((await call('crm-autocomplete', { query })).body).toEqual({ entries: ['Bela'] })
    expectVendorError('synerise', await call('crm-autocomplete', { query: { field: 'x' } }), 'invalid')
  })
})

it('an import finds profiles by phone where nothing else is given, the newest first', async () => {
  const phone = `+48601${String(Math.floor(Math.random() * 1e6)).padStart(6, '0')}`
  const { customId } = await make({ phone })
  const send = (query: object, firstName: string): Promise<Reply> =>
    call('import-clients', { query, body: [{ phone, firstName }] })
  const shown = async (): Promise<unknown> => {
    const params = { identifierType: 'by-custom-id', identifierValue: customId }
    return ((await call('fetch-client', { params })).body as { firstName: unknown }).firstName
  }
  expect((await send({ phoneFilter: 'true' }, 'Found')).status).toBe(202)
  expect(await shown()).toBe('Found')
  expect((await send({}, 'Another')).status).toBe(202)
  expect(await shown()).toBe('Found')
})

it('a profile that is made instantly answers its clientId as a text', async () => {
  const customId = `instant-${randomUUID()}`
  const reply = await call('create-client-instantly', { body: { customId } })
  const params = { clientId: String(reply.body) }
  expect((await call('get-client', { params })).body).toMatchObject({ customId })
})
