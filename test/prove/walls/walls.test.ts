import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../src/core/workspaces/index.ts'
import { dialects } from '../../../src/dialects/index.ts'
import type { Operation } from '../../../src/dialects/index.ts'
import type { Fixture } from '../../../src/dialects/fixtures.ts'
import { goodFixture, prepareFixture } from '../../contract/fixtures.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply, WorkspaceName } from '../../contract/harness.ts'
import { newPerson, openPeople, tokenFrom } from '../../setup/accounts.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { note } from '../figures.ts'
import { amount } from '../scale.ts'
import { keysByDialect, shownIn } from './other-keys.ts'
import { changedIn, leavesOf, ownValues, rowsOfWorkspace, workspaceIds } from './rows.ts'
import type { Rows } from './rows.ts'

/** A good call of the first workspace, whose objects are there. */
interface Target {
  dialect: string
  operation: Operation
  request: Fixture['request']
}

/** In `npm test` every second: test/contract/walls.pg.test.ts has all that name an object. */
const STEP = amount({ short: 2, full: 1, long: 1 })

let database: TestDatabase
let harness: Harness
let ids: Record<WorkspaceName, number>
let targets: Target[]
/** What only the first workspace holds: texts and ids. */
let secretsOfFirst: Set<string>
let attempts = 0

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  targets = []
  for (const { name: dialect, operations } of dialects)
    for (const operation of operations.filter((_, index) => index % STEP === 0)) {
      const fixture = goodFixture(dialect, operation.id)
      if (!fixture) continue
      const { request } = await prepareFixture(harness, fixture)
      targets.push({ dialect, operation, request })
      if (fixture.settings) await harness.setSettings({ ...DEFAULT_SETTINGS })
    }
  ids = await workspaceIds(database)
  await mark()
  secretsOfFirst = await ownValues(database, ids.First, ids.Second)
  harness.app.credentials.forget()
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

/** Rows of the first workspace once the work that its calls began has come to rest. */
async function restingRows(): Promise<Rows> {
  let rows = await rowsOfWorkspace(database, ids.First)
  await vi.waitFor(
    async () => {
      const [earlier, later] = [rows, await rowsOfWorkspace(database, ids.First)]
      rows = later
      expect(changedIn(earlier, later)).toEqual([])
      expect(
        await countOf(database, `select count(*) from erasure where state not in ('done', 'failed')`),
      ).toBe(0)
    },
    { timeout: 30_000, interval: 300 },
  )
  return rows
}

/** Puts a text into whatever people can read, so that a single row that is shown shows it. */
async function mark(): Promise<void> {
  const statements = [
    `update profile set attributes = attributes || '{"wall":"wall-of-the-first"}'`,
    `update event set properties = properties || '{"wall":"wall-of-the-first"}'`,
  ]
  for (const statement of statements)
    await database.admin.query(`${statement} where workspace_id = ${ids.First}`)
}

/** Holds an answer to somebody else: nothing of the first workspace is in it that the request did not say. */
async function leakOf(reply: Reply, sent: unknown): Promise<string | undefined> {
  const said = JSON.stringify(sent)
  const shown = leavesOf(reply.body).filter((leaf) => secretsOfFirst.has(leaf) && !said.includes(leaf))
  if (shown.length === 0) return undefined
  // What earlier attempts stored in the second workspace is its own.
  const own = JSON.stringify(await rowsOfWorkspace(database, ids.Second, {}))
  return shown.find((leaf) => !own.includes(leaf))
}

/** How somebody tries to reach the first workspace. */
interface Way {
  name: string
  /** The call of one operation; undefined where the way does not fit it. */
  call: (target: Target) => Call | undefined
  /** Whether nothing may be answered but refusals. */
  isRefused: boolean
}

/** Credentials are looked up by these as well, or must fit them. */
const ADDRESSES = new Set(['licenseCode', 'storeId', 'appKey', 'businessProfileUUID'])

const withoutOwn = ({ request }: Target): Fixture['request'] => {
  const { authorization: _own, 'x-api-key': _key, ...headers } = request.headers ?? {}
  return { ...request, headers }
}

/** An address of one workspace with the credential of the other. */
function mixed(target: Target, address: WorkspaceName, credential: WorkspaceName): Call | undefined {
  const { params } = harness.credentialOf(target.dialect, address)
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => ADDRESSES.has(name)))
  const names = [...target.operation.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const said = names.join() + JSON.stringify(target.request.body ?? '')
  if (target.operation.open || !Object.keys(own).some((name) => said.includes(name))) return undefined
  return { ...withoutOwn(target), params: { ...target.request.params, ...own }, workspace: credential }
}

/** Who calls with a token instead of a key, where the dialect has such. */
function byToken(target: Target, token: string): Call | undefined {
  if (target.dialect !== 'synerise' || target.operation.open) return undefined
  const request = withoutOwn(target)
  return {
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${token}` },
    workspace: 'Second',
  }
}

/** The token of a person who has an account in a workspace. */
async function personOf(workspace: WorkspaceName): Promise<string> {
  const people = openPeople({
    ...harness,
    call: (dialect, operation, call) => harness.call(dialect, operation, { ...call, workspace }),
  })
  const person = newPerson()
  await harness.setSettings({ accountConfirmation: 'automatic' })
  await people.register(person)
  const token = tokenFrom(await people.logIn(person))
  await harness.setSettings({ ...DEFAULT_SETTINGS })
  return token
}

async function ways(): Promise<Way[]> {
  const { apiKey = '', profileKey = '' } = harness.credentialOf('synerise', 'Second').params
  const tokenOf = async (operation: string, body: object): Promise<string> => {
    const reply = await harness.call('synerise', operation, { body, workspace: 'Second' })
    return (reply.body as { token: string }).token
  }
  const workspaceToken = await tokenOf('login-workspace', { apiKey })
  const anonymousToken = await tokenOf('login-anonymous', { apiKey: profileKey, uuid: randomUUID() })
  const personToken = await personOf('Second')
  return [
    {
      name: "the other's key",
      isRefused: false,
      // What asks for no credential belongs to whoever knows its address.
      call: (target) => (target.operation.open ? undefined : { ...withoutOwn(target), workspace: 'Second' }),
    },
    { name: "the other's token", isRefused: false, call: (target) => byToken(target, workspaceToken) },
    { name: "the other's visitor", isRefused: false, call: (target) => byToken(target, anonymousToken) },
    { name: "the other's person", isRefused: false, call: (target) => byToken(target, personToken) },
    {
      name: "the first's address, the other's key",
      isRefused: true,
      call: (target) => mixed(target, 'First', 'Second'),
    },
    {
      name: "the other's address, the first's key",
      isRefused: true,
      call: (target) => mixed(target, 'Second', 'First'),
    },
  ]
}

it('no operation shows or changes anything of another workspace', async () => {
  const all = await ways()
  const before = await restingRows()
  const faults: string[] = []
  for (const { name, call, isRefused } of all) {
    let tried = 0
    for (const target of targets) {
      const sent = call(target)
      if (!sent) continue
      tried++
      const reply = await harness.call(target.dialect, target.operation.id, sent)
      const fault = await faultOf(target, reply, sent, isRefused)
      if (fault !== undefined)
        faults.push(
          `${name}: ${target.dialect} ${target.operation.id} ${fault}: ${reply.status} ${reply.text.slice(0, 300)}`,
        )
    }
    expect(tried, name).toBeGreaterThan(3)
    attempts += tried
    note({ proof: 'walls', what: `calls with ${name}`, value: tried, bound: '0 leaks' })
  }
  expect(faults).toEqual([])
  expect(changedIn(before, await rowsOfWorkspace(database, ids.First))).toEqual([])
})

async function faultOf(
  { dialect, operation }: Target,
  reply: Reply,
  sent: Call,
  isRefused: boolean,
): Promise<string | undefined> {
  const leak = await leakOf(reply, sent)
  if (leak !== undefined) return `shows ${leak}`
  if (reply.status >= 500) return 'fails inside'
  if (isRefused && reply.status < 400) return 'is not refused'
  if (reply.status !== 403 || !sent.params || (isRefused && dialect === PUBLIC_ADDRESS)) return undefined
  // Refused for the kind of caller, whatever it names: of what does not exist it must say the same.
  const params = Object.fromEntries(
    Object.entries(sent.params as Record<string, unknown>).map(([name, value]) => [
      name,
      another(String(value)),
    ]),
  )
  const nothing = await harness.call(dialect, operation.id, { ...sent, params })
  return nothing.status === 403 ? undefined : 'tells that there is something'
}

/** Its store ids stand in web pages, so its contract may tell another store's path (403) from one that nobody has (404). */
const PUBLIC_ADDRESS = 'yotpo'

/** An id of the same form that nothing has. */
const another = (id: string): string =>
  id.startsWith('by-') ? id : id.replaceAll(/\d/g, '7').replaceAll(/[a-z]/g, 'e')

it("no key of one API opens another API of its own workspace, and so none that a vendor's client holds opens more", async () => {
  let tried = 0
  for (const { owner, secret } of keysByDialect(harness))
    for (const { dialect, operation, request } of targets) {
      if (dialect === owner || operation.open) continue
      const shown = shownIn(dialect, secret, harness)
      const { authorization: _own, ...headers } = request.headers ?? {}
      const reply = await harness.call(dialect, operation.id, {
        ...request,
        headers: { ...headers, ...shown.headers },
        params: { ...request.params, ...shown.params },
      })
      expect(reply.status, `${owner} at ${dialect} ${operation.id}: ${reply.text}`).toBe(401)
      tried++
    }
  expect(tried).toBeGreaterThan(targets.length)
  note({
    proof: 'walls',
    what: 'calls with a key of another API',
    value: tried,
    bound: 'all unauthenticated',
  })
})

it('what was tried is nearly every operation that there is', () => {
  const all = dialects.flatMap(({ operations }) => operations.filter((_, index) => index % STEP === 0)).length
  expect(targets.length).toBeGreaterThan(all * 0.95)
  note({ proof: 'walls', what: 'operations tried', value: `${targets.length} of ${all}` })
  note({
    proof: 'walls',
    what: 'values of the first workspace looked for in each answer',
    value: secretsOfFirst.size,
  })
  expect(attempts).toBeGreaterThan(targets.length)
})
