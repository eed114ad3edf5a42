import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

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

const idOf = async (customId: string): Promise<number> => {
  const params = { identifierType: 'by-custom-id', identifierValue: customId }
  return ((await call('fetch-client', { params })).body as { clientId: number }).clientId
}

const make = async (operation: string, more: object = {}): Promise<number> => {
  const customId = `co-${randomUUID()}`
  const reply = await call(operation, { body: { customId, ...more } })
  expect(reply.status, reply.text).toBe(202)
  return idOf(customId)
}

const person = (): Promise<number> => make('create-client')

const company = (name: string): Promise<number> => make('create-company', { company: name })

const assign = async (id: number, companyId: number, time?: string): Promise<Reply> =>
  call('assigned-to-company-event', { body: { label: 'x', client: { id }, time, params: { companyId } } })

const members = async (companyId: number): Promise<number[]> => {
  const reply = await call('crm-company-members', { params: { clientId: String(companyId) } })
  expect(reply.status, reply.text).toBe(200)
  return (reply.body as { customers: { id: number }[] }).customers.map(({ id }) => id)
}

const companyOf = async (id: number): Promise<unknown> =>
  (await call('crm-company-of-profile', { params: { clientId: String(id) } })).body

describe('who belongs to a company', () => {
  it('is who was assigned to it, by the newest event, whatever comes later with an older time', async () => {
    const [acme, other, anna] = [await company('Acme'), await company('Other'), await person()]
    await assign(anna, acme, '2024-01-02T00:00:00Z')
    expect([await companyOf(anna), await members(acme)]).toEqual(['Acme', [anna]])
    await assign(anna, other, '2024-01-01T00:00:00Z')
    expect([await companyOf(anna), await members(other)]).toEqual(['Acme', []])
    await assign(anna, other, '2024-01-03T00:00:00Z')
    expect([await companyOf(anna), await members(acme), await members(other)]).toEqual(['Other', [], [anna]])
  })

  it('belongs to none by an event that names none: the event is kept, and the ledger says so', async () => {
    const [nobody, anna] = [await person(), await person()]
    const reply = await assign(anna, nobody)
    expect([reply.status, await companyOf(anna)]).toEqual([202, ''])
    const ledger = await harness.call('native', 'list-rejections', { query: { reason: 'company_unknown' } })
    const { items } = ledger.body as { items: { traceId: string }[] }
    expect(items.map(({ traceId }) => traceId)).toContain(reply.headers['x-request-id'])
    expectVendorError(
      'synerise',
      await call('crm-company-members', { params: { clientId: String(nobody) } }),
      'not_found',
    )
  })

  it('leaves with the company, and by the native API', async () => {
    const [acme, other, anna, jan] = [
      await company('Acme'),
      await company('Other'),
      await person(),
      await person(),
    ]
    await assign(anna, acme)
    await assign(jan, other)
    expect((await call('delete-company', { params: { clientId: String(acme) } })).status).toBe(202)
    expect([await companyOf(anna), await companyOf(jan)]).toEqual(['', 'Other'])
    const left = await harness.call('native', 'leave-company', { params: { profileId: String(jan) } })
    expect([left.status, await members(other)]).toEqual([204, []])
  })

  it('follows merges of people and of companies, and leaves with a merge that is taken back', async () => {
    const [acme, old, anna, jan] = [
      await company('Acme'),
      await company('Old'),
      await person(),
      await person(),
    ]
    await assign(jan, acme)
    const merge = (from: number, into: number): Promise<Reply> =>
      harness.call('native', 'merge-profiles', { body: { from, into } })
    expect((await merge(jan, anna)).status).toBe(200)
    expect([await companyOf(anna), await members(acme)]).toEqual(['Acme', [anna]])
    expect((await merge(acme, old)).status).toBe(200)
    expect([await companyOf(anna), await members(old)]).toEqual(['Old', [anna]])
    const undone = await harness.call('native', 'unmerge-profile', { params: { profileId: String(jan) } })
    expect(undone.status, undone.text).toBe(200)
    expect([await companyOf(anna), await companyOf(jan), await members(old)]).toEqual(['', 'Old', [jan]])
  })

  it('is shown by its own attribute while it was assigned to none', async () => {
    const anna = await make('create-client', { company: 'Self-made' })
    expect(await companyOf(anna)).toBe('Self-made')
  })

  it('is in the native list, too', async () => {
    const [acme, anna] = [await company('Acme'), await person()]
    await assign(anna, acme)
    const list = (query: Record<string, string>): Promise<Reply> =>
      harness.call('native', 'list-profiles', { query })
    const ids = (reply: Reply): number[] =>
      (reply.body as { items: { id: number }[] }).items.map(({ id }) => id)
    expect(ids(await list({ companyId: String(acme) }))).toEqual([anna])
    expect(ids(await list({ isCompany: 'true', limit: '1' }))).toEqual([acme])
    expect((await list({ companyId: '999999999' })).status).toBe(404)
  })
})

describe('a company', () => {
  it('is marked once, and the change log says so once', async () => {
    const acme = await person()
    for (let turn = 0; turn < 2; turn++)
      expect((await call('crm-mark-company', { params: { clientId: String(acme) } })).status).toBe(200)
    const changes = await harness.call('native', 'list-changes', { params: { profileId: String(acme) } })
    const { items } = changes.body as { items: { changes: { name: string }[] }[] }
    const names = items.flatMap((item) => item.changes.map(({ name }) => name))
    expect(names.filter((name) => name === 'isCompany')).toHaveLength(1)
  })

  it('is all that company operations are about', async () => {
    const anna = await person()
    const params = { clientId: String(anna) }
    for (const operation of ['crm-company-details', 'crm-update-company', 'delete-company'])
      expectVendorError('synerise', await call(operation, { params, body: {} }), 'not_found')
    expect((await call('get-client', { params })).status).toBe(200)
  })

  it('is called by the attribute that the workspace says', async () => {
    await harness.setSettings({ companyAttribute: 'legalName' })
    const acme = await make('create-company', { company: 'Acme', attributes: { legalName: 'Acme Ltd.' } })
    const anna = await person()
    await assign(anna, acme)
    expect(await companyOf(anna)).toBe('Acme Ltd.')
    expect((await call('crm-company-identifier')).body).toBe('legalName')
    await harness.setSettings({ companyAttribute: 'company' })
  })
})
