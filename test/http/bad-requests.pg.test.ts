import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixturesOf } from '../../src/dialects/fixtures.ts'
import { dialects } from '../../src/dialects/index.ts'
import { prepareFixture } from '../contract/fixtures.ts'
import { openHarness } from '../contract/harness.ts'
import type { Harness } from '../contract/harness.ts'
import { expectVendorError } from '../contract/vendor-errors.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  await harness.app.http.listen({ port: 0, host: '127.0.0.1' })
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const withPrefix = dialects.map(({ name, prefixes, operations }) => ({
  name,
  path: operations[0]?.path.replaceAll(/:\w+/g, 'x') ?? `${prefixes[0]}/x`,
}))

describe.each(withPrefix)('$name', ({ name, path }) => {
  // It was 500 in the framework's shape: the route of OPTIONS kept an error handler of its own.
  it('an OPTIONS with a body that is no JSON is refused in its shape', async () => {
    const headers = { 'content-type': 'application/json' }
    expectVendorError(name, await harness.raw('OPTIONS', path, { headers, payload: '{"a":' }), 'invalid')
  })

  // It was 500: the framework refuses the method by an error that the edge did not know.
  it('a QUERY without a content type is a method that the path does not answer to', async () => {
    expectVendorError(name, await harness.raw('QUERY', path), 'method_not_allowed')
  })
})

// It was 417 without a body, from Node itself.
it('an expectation that the server does not know is passed by', async () => {
  const { port } = harness.app.http.server.address() as AddressInfo
  const status = await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/livez', headers: { expect: 'nonsense' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(200)
})

// Each was 500: PostgreSQL has no text that holds NUL.
it('a name in a path that no text can be is refused, or nobody has it', async () => {
  const params = { name: 'a\u0000b' }
  const put = (name: string) =>
    harness.call('native', 'put-role', { params: { name }, body: { permissions: [] } })
  expectVendorError('native', await put(params.name), 'invalid')
  expectVendorError('native', await put('n'.repeat(256)), 'invalid')
  expect((await put('n'.repeat(255))).status).toBe(200)
  expectVendorError('native', await harness.call('native', 'delete-role', { params }), 'not_found')
  expectVendorError('native', await harness.call('native', 'delete-secret', { params }), 'not_found')
})

const addressed = dialects.flatMap(({ name, operations }) =>
  operations.flatMap(({ id, path }) => {
    const names = [...path.matchAll(/:(\w+)/g)].map(([, each = '']) => each)
    return names.length > 0 ? [{ name, id, names }] : []
  }),
)

it.each(addressed)('$name $id takes any text in its path', async ({ name, id, names }) => {
  const body = fixturesOf(name).find(({ operation }) => operation === id)?.request.body
  for (const odd of ['a\u0000b', 'constructor', '__proto__', '\u202e', '99999999999999999999'])
    for (const each of names) {
      const reply = await harness.call(name, id, {
        params: { [each]: odd },
        ...(body !== undefined && { body }),
      })
      expect(reply.status, `${each} is ${JSON.stringify(odd)}: ${reply.text}`).toBeLessThan(500)
    }
})

/** Members of bodies that nobody but their owner may see. */
const SECRET = /password|secret|token|apiKey|pinCode|^code$|verificationCode/i

/** Writes of people whose body holds a secret. */
const secretive = dialects.flatMap(({ name, operations }) =>
  operations.flatMap(({ id }) => {
    const fixture = fixturesOf(name).find(({ operation, settings }) => operation === id && !settings)
    const { body } = fixture?.request ?? {}
    const members = Object.keys(Object(body) as object).filter((member) => SECRET.test(member))
    return fixture && members.length > 0 ? [{ name, id, fixture, members }] : []
  }),
)

describe.each(secretive)('$name $id', ({ name, id, fixture, members }) => {
  // Synerise's errors showed the value at fault, and the ledger kept whole bodies of refused calls: passwords of accounts among them.
  it('a refused call shows its secrets to nobody and keeps them nowhere', async () => {
    const { request: good } = await prepareFixture(harness, fixture)
    const secret = `S3cret!of-${id}`
    const body = {
      ...(good.body as object),
      ...Object.fromEntries(members.map((member) => [member, secret])),
    }
    for (const bent of [
      [body],
      { ...body, [members[0] ?? '']: { wrapped: secret } },
      { ...body, [members[0] ?? '']: [secret] },
    ]) {
      const reply = await harness.call(name, id, { ...good, body: bent })
      expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(reply.text).not.toContain(secret)
    }
    await expect
      .poll(async () => {
        const { rows } = await database.admin.query(
          `select item from rejection where strpos(item::text, $1) > 0`,
          [secret],
        )
        return rows
      })
      .toEqual([])
  })
})
