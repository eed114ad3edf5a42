import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyDeclaration } from '../../src/core/workspaces/index.ts'
import { DEFAULT_SETTINGS } from '../../src/core/workspaces/index.ts'
import { openHarness } from '../contract/harness.ts'
import type { Harness } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let harness: Harness

const ORIGIN = 'https://shop.example'

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  const workspace = (name: string, guid: string, corsOrigins: string[], permissions: string[]) => ({
    name,
    guid,
    settings: { ...DEFAULT_SETTINGS, corsOrigins },
    keys: [{ scope: 'native' as const, secret: `tk_${name}`, permissions }],
  })
  const workspaces = [
    workspace('Open', 'aaaaaaaa-0000-4000-8000-000000000001', [ORIGIN], ['*']),
    workspace('Closed', 'aaaaaaaa-0000-4000-8000-000000000002', [], ['stats:read']),
  ]
  await applyDeclaration(database.db, { workspaces, users: [] }, 'start')
  harness.app.credentials.forget()
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const get = (path: string, headers: Record<string, string>) =>
  harness.raw('GET', `/api/v1${path}`, { headers })

describe('cross-origin calls', () => {
  it('a preflight is answered for an origin that some workspace allows, and for no other', async () => {
    const preflight = (origin: string) =>
      harness.raw('OPTIONS', '/api/v1/stats', { headers: { origin, 'access-control-request-method': 'GET' } })
    expect((await preflight(ORIGIN)).headers['access-control-allow-origin']).toBe(ORIGIN)
    expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
  })

  it("an answer is readable only for origins of the caller's own workspace", async () => {
    const call = (key: string) => get('/stats', { origin: ORIGIN, authorization: `Bearer ${key}` })
    expect((await call('tk_Open')).headers['access-control-allow-origin']).toBe(ORIGIN)
    const closed = await call('tk_Closed')
    expect(closed.status).toBe(200)
    expect(closed.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('permissions', () => {
  it('a key without the permission is forbidden', async () => {
    const reply = await get('/rejections', { authorization: 'Bearer tk_Closed' })
    expect(reply.status).toBe(403)
    expect(reply.body).toMatchObject({ code: 'CDP_PERMISSION_MISSING' })
  })

  it("a vendor's key does not open the native API, nor a native key a vendor's", async () => {
    const key = 'tk_Open'
    const reply = await harness.raw('POST', '/v1/accounts/x/users', {
      headers: { authorization: `Bearer ${key}` },
    })
    expect(reply.status).toBe(401)
  })
})

describe('headers', () => {
  it.each(['bearer tk_Open', 'BEARER   tk_Open', 'Bearer tk_Open '])(
    '%s is understood',
    async (authorization) => {
      expect((await get('/stats', { authorization })).status).toBe(200)
    },
  )

  it.each(['Basic tk_Open', 'tk_Open', 'Bearer', 'Bearer a b'])(
    '%s is no credential',
    async (authorization) => {
      expect((await get('/stats', { authorization })).status).toBe(401)
    },
  )

  it.each(['00-zz-00f067aa0ba902b7-01', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, 'nonsense'])(
    'a traceparent that is none (%s) is replaced',
    async (traceparent) => {
      const reply = await harness.raw('GET', '/livez', { headers: { traceparent } })
      expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
      expect(reply.headers['x-request-id']).not.toMatch(/^0+$/)
    },
  )

  it('every answer forbids guessing its type', async () => {
    expect((await harness.raw('GET', '/livez')).headers['x-content-type-options']).toBe('nosniff')
  })
})

describe('health', () => {
  it('readiness names its checks', async () => {
    const reply = await harness.raw('GET', '/readyz')
    expect(reply.body).toEqual({ status: 'ok', checks: { database: true, migrations: true, queue: true } })
  })

  it('metrics are Prometheus text and count requests by dialect, operation and status', async () => {
    await get('/stats', { authorization: 'Bearer tk_Open' })
    await get('/stats', { authorization: 'Bearer nobody' })
    const { text, headers } = await harness.raw('GET', '/metrics')
    expect(headers['content-type']).toContain('text/plain')
    expect(text).toMatch(
      /tributary_http_request_seconds_count\{dialect="native",operation="get-stats",status="200"\} \d+/,
    )
    expect(text).toMatch(/tributary_unauthenticated_total\{dialect="native"\} \d+/)
    expect(text).toMatch(/tributary_ingest_queued_commands 0/)
  })
})
