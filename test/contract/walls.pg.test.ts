import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { goodFixture, prepareFixture } from './fixtures.ts'
import { openHarness } from './harness.ts'
import type { Harness } from './harness.ts'
import { expectVendorError } from './vendor-errors.ts'

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

/** Whose lists of what a profile has are empty where the profile is nobody's, by their contracts. */
const EMPTY: Readonly<Record<string, unknown>> = {
  'list-client-events': [],
  'list-client-tags': [],
}

/** What is not an object of a workspace: the installation's own, and names under which anybody may put something. */
const NAMED_FREELY =
  /^\/api\/v1\/(users|invitations|auth|roles|message-templates|secrets|workspaces)|^\/uauth\//

/** Parameters that carry a credential, not an object. */
const OF_CREDENTIALS = new Set(['licenseCode', 'storeId'])

const operations = dialects.flatMap(({ name: dialect, operations: table }) =>
  table
    // What asks for no credential belongs to whoever knows its address; that has tests of its own.
    .filter(({ path, open }) => !open && !NAMED_FREELY.test(path))
    .filter(({ path }) => [...path.matchAll(/:(\w+)/g)].some(([, name = '']) => !OF_CREDENTIALS.has(name)))
    .flatMap((operation) => {
      const fixture = goodFixture(dialect, operation.id)
      // A call with a token of its own acts for whom the token says; those have tests of their own.
      return fixture && fixture.request.headers === undefined ? [{ dialect, id: operation.id, fixture }] : []
    }),
)

it('objects of more than forty operations are tried from the other workspace', () => {
  expect(operations.length).toBeGreaterThan(40)
})

describe.each(operations)('$dialect $id', ({ dialect, id, fixture }) => {
  it("finds nothing of another workspace's object, and changes nothing of it", async () => {
    const { request } = await prepareFixture(harness, fixture)
    const foreign = await harness.call(dialect, id, { ...request, workspace: 'Second' })
    if (Object.hasOwn(EMPTY, id)) expect([foreign.status, foreign.body]).toEqual([200, EMPTY[id]])
    else expectVendorError(dialect, foreign, 'not_found')
    const own = await harness.call(dialect, id, request)
    expect(own.status, own.text).toBe(fixture.answer.status)
  })
})
