import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../src/core/workspaces/index.ts'
import { goodFixture, prepareFixture } from '../../contract/fixtures.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { describedRequests } from '../bad-input/operations.ts'
import type { DescribedRequest } from '../bad-input/operations.ts'
import { tableNames } from '../bad-input/stored.ts'
import { note } from '../figures.ts'
import { amount } from '../scale.ts'

/** An instant that nothing else in these tests has. */
const PLANTED_AT = '2001-02-03T04:05:06.000Z'

const PLANTED_TEXT = 'planted-by-mass-assignment'

/** Members that say who somebody is, what may be done, and whose something is. */
const PLANTED: Readonly<Record<string, unknown>> = {
  workspaceId: 2,
  workspace_id: 2,
  workspace: 'Second',
  id: 999_999_001,
  clientId: 999_999_001,
  profileId: 999_999_001,
  profile_id: 999_999_001,
  accountId: '00000000-0000-4000-8000-000000000001',
  userId: 999_999_001,
  role: 'owner',
  roles: ['owner'],
  isAdmin: true,
  admin: true,
  permissions: ['*'],
  scope: 'native',
  managedBy: 'config',
  managed_by: 'config',
  source: PLANTED_TEXT,
  createdAt: PLANTED_AT,
  created_at: PLANTED_AT,
  receivedAt: PLANTED_AT,
  updatedAt: PLANTED_AT,
  confirmedAt: PLANTED_AT,
  emailVerifiedAt: PLANTED_AT,
  email_verified: true,
  disabled: false,
  state: 'active',
  passwordHash: PLANTED_TEXT,
  password_hash: PLANTED_TEXT,
  secretHash: PLANTED_TEXT,
  version: 1,
}

/** Workspaces that fixtures make have names of their own each time. */
const PLACE = `case when w.name in ('First', 'Second') then w.name else 'made' end as place`

/** Who may do what, and how many there are of what in the other workspace; no ids, which differ from run to run. */
const POWERS: Readonly<Record<string, string>> = {
  users: `select role, managed_by, disabled_at is null as works from user_account`,
  memberships: `select ${PLACE}, u.role from user_workspace u join workspace w using (workspace_id)`,
  roles: 'select r.name, r.permissions from workspace_role r',
  keys: `select ${PLACE}, scope, permissions, k.managed_by from api_key k join workspace w using (workspace_id)`,
  workspaces: 'select managed_by, archived_at is null as lives from workspace',
  accounts: `select ${PLACE}, state, email_verified_at is null as unproven from account join workspace w using (workspace_id)`,
  others: `select w.name, (select count(*) from profile p where p.workspace_id = w.workspace_id) as profiles,
    (select count(*) from event e where e.workspace_id = w.workspace_id) as events from workspace w where w.name = 'Second'`,
}

/** In `npm test` every fifth. */
const STEP = amount({ short: 5, full: 1, long: 1 })

const writes = describedRequests()
  .filter(
    ({ dialect, operation }) =>
      operation.method !== 'GET' && typeof goodFixture(dialect, operation.id)?.request.body === 'object',
  )
  .filter((_, index) => index % STEP === 0)

interface World {
  database: TestDatabase
  harness: Harness
}

let plain: World
let attacked: World

beforeAll(async () => {
  const open = async (): Promise<World> => {
    const database = await openTestDatabase()
    return { database, harness: await openHarness(database.db) }
  }
  plain = await open()
  attacked = await open()
})

afterAll(async () => {
  for (const { harness, database } of [plain, attacked]) {
    await harness.close()
    await database.close()
  }
})

/** Names that an operation takes by its contract, at any depth: those are not planted. */
function namesOf(schema: unknown, found = new Set<string>()): Set<string> {
  if (schema === null || typeof schema !== 'object') return found
  const { components: _shared, ...own } = schema as Record<string, unknown>
  for (const name of Object.keys(Object(own['properties']) as object)) found.add(name)
  for (const member of Object.values(own)) namesOf(member, found)
  return found
}

/** The body with the members beside its own, and beside those of every object in a list. */
function planted(body: unknown, more: object): unknown {
  if (Array.isArray(body)) return body.map((item) => planted(item, more))
  if (body === null || typeof body !== 'object') return body
  const members = Object.entries(body).map(([name, value]) => [
    name,
    Array.isArray(value) ? planted(value, more) : value,
  ])
  return { ...more, ...Object.fromEntries(members) }
}

async function send(
  { harness }: World,
  { dialect, operation }: DescribedRequest,
  more: object,
): Promise<number> {
  const fixture = goodFixture(dialect, operation.id)!
  const { request } = await prepareFixture(harness, fixture)
  const reply = await harness.call(dialect, operation.id, { ...request, body: planted(request.body, more) })
  if (fixture.settings) await harness.setSettings({ ...DEFAULT_SETTINGS })
  expect(reply.status, `${operation.id}: ${reply.text}`).toBeLessThan(500)
  return reply.status
}

it('no member beside those of the contract makes anybody stronger, or moves anything', async () => {
  let [taken, refused] = [0, 0]
  for (const write of writes) {
    await send(plain, write, {})
    const known = namesOf(write.body)
    const more = Object.fromEntries(Object.entries(PLANTED).filter(([name]) => !known.has(name)))
    if ((await send(attacked, write, more)) < 300) taken++
    else refused++
  }
  for (const [what, sql] of Object.entries(POWERS)) {
    const rowsIn = async ({ database }: World): Promise<string[]> =>
      (await rowsOf<object>(database, sql)).map((row) => JSON.stringify(row))
    const allowed = await rowsIn(plain)
    expect(
      (await rowsIn(attacked)).filter((row) => !allowed.includes(row)),
      what,
    ).toEqual([])
  }
  note({
    proof: 'walls',
    what: 'writes with members that say who one is',
    value: taken + refused,
    bound: 'no power gained',
  })
  // Some contracts take what they do not know as attributes; if all were refused, nothing was tried.
  expect(taken).toBeGreaterThan(writes.length / 4)
})

it('no column holds what was planted but attributes and properties', async () => {
  const { database } = attacked
  for (const table of await tableNames(database)) {
    const columns = await rowsOf<{ name: string; type: string }>(
      database,
      `select attname as name, format_type(atttypid, null) as type from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
      [table],
    )
    for (const { name, type } of columns.filter((column) => !/json/.test(column.type))) {
      const value = type.startsWith('timestamp') ? PLANTED_AT : PLANTED_TEXT
      const found = await rowsOf(
        database,
        `select from "${table}" where "${name}"::text = $1::${type.startsWith('timestamp') ? 'timestamptz' : 'text'}::text`,
        [value],
      )
      expect([table, name, found.length]).toEqual([table, name, 0])
    }
  }
})
