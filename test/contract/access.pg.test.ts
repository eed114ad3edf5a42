import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { randomUUID } from 'node:crypto'
import { native } from '../../src/dialects/native/index.ts'
import { OPERATIONS } from '../../src/dialects/synerise/operations.ts'
import type { CallerKind, SyneriseOperation } from '../../src/dialects/synerise/operations.ts'
import { useClock } from '../../src/lib/time.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { newPerson, openPeople, tokenFrom } from '../setup/accounts.ts'
import { OPERATOR, openHarness } from './harness.ts'
import type { Call, Harness, Reply } from './harness.ts'
import { expectVendorError } from './vendor-errors.ts'

/** Tokens of every kind of caller that may do everything, and of the same kinds that may do nothing. */
interface Tokens {
  able: Partial<Record<CallerKind, string>>
  unable: Partial<Record<CallerKind, string>>
}

let database: TestDatabase
let harness: Harness
let tokens: Tokens
let powerlessKey: string
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  powerlessKey = await makeKey('native', [])
  tokens = { able: await makeTokens(['*'], OPERATOR), unable: await makeTokens([], await makePowerless()) }
})

afterEach(() => restoreClock())

afterAll(async () => {
  await harness.close()
  await database.close()
})

const succeeded = (reply: Reply): Record<string, unknown> => {
  expect(reply.status, reply.text).toBeLessThan(300)
  return reply.body as Record<string, unknown>
}

/** A key of the workspace. */
async function makeKey(scope: string, permissions: readonly string[]): Promise<string> {
  const made = await harness.call('native', 'create-key', { body: { scope, permissions } })
  return String(succeeded(made)['secret'])
}

/** A user whose role permits nothing. */
async function makePowerless(): Promise<{ email: string; password: string }> {
  const { guid = '' } = harness.credentialOf('native').params
  const user = { email: 'powerless@example.com', password: 'a password of nobody else' }
  succeeded(
    await harness.call('native', 'put-role', { params: { name: 'powerless' }, body: { permissions: [] } }),
  )
  const workspaces = [{ guid, role: 'powerless' }]
  succeeded(await harness.call('native', 'create-user', { body: { ...user, role: 'member', workspaces } }))
  return user
}

async function makeTokens(
  permissions: readonly string[],
  user: { email: string; password: string },
): Promise<Tokens['able']> {
  const call = (operation: string, body: unknown, token?: string): Promise<Reply> =>
    harness.call('synerise', operation, {
      body,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    })
  const workspaceKey = await makeKey('workspace', permissions)
  const profileKey = await makeKey('profile', permissions)
  const person = newPerson()
  await openPeople(harness).register(person)
  const login = {
    apiKey: profileKey,
    identityProvider: 'SYNERISE',
    password: 'Secret1!',
    email: person.email,
  }
  const { email: username, password } = user
  const before = tokenFrom(await call('login-user', { username, password }))
  return {
    W: tokenFrom(await call('login-workspace', { apiKey: workspaceKey })),
    A: tokenFrom(await call('login-anonymous', { apiKey: profileKey, uuid: randomUUID() })),
    P: tokenFrom(await call('login-profile', login)),
    U: tokenFrom(await call('select-workspace', undefined, before)),
    T: await makeKey('tracker', permissions),
    K: await makeKey('ai', permissions),
  }
}

/** How the credential of a kind travels. */
const carry = (kind: CallerKind, secret = ''): Pick<Call, 'headers' | 'query' | 'credential'> => {
  if (kind === 'T') return { query: { token: secret }, credential: 'none' }
  if (kind === 'K') return { headers: { 'x-api-key': secret }, credential: 'none' }
  return { headers: { authorization: `Bearer ${secret}` } }
}

const send = (operation: SyneriseOperation, kind: CallerKind, secret: string | undefined): Promise<Reply> =>
  harness.call('synerise', operation.id, {
    ...carry(kind, secret),
    params: {
      clientId: '999999999',
      clientEmail: 'a@example.com',
      customId: 'c',
      identifierType: 'by-uuid',
      identifierValue: 'u',
    },
    body: {},
  })

const guarded = OPERATIONS.filter(({ callers = [] }) => callers.length > 0)

const KINDS = ['P', 'A', 'W', 'U', 'T', 'K'] as const

/** Keys that stand in web pages carry no permissions and do not expire. */
const PUBLIC_KEYS: readonly CallerKind[] = ['T', 'K']

describe.each(guarded)('synerise $id', (operation) => {
  const { callers = [], permission } = operation
  const allowed = KINDS.filter((kind) => callers.includes(kind))

  it('is not refused to the kinds of callers that its table names', async () => {
    for (const kind of allowed) {
      // The last one, so that nothing ends the token that the next operation needs.
      if (operation.id === 'logout-own') continue
      const reply = await send(operation, kind, tokens.able[kind])
      expect([kind, reply.status, reply.text], reply.text).not.toEqual([kind, 403, reply.text])
      expect([kind, reply.status]).not.toEqual([kind, 401])
    }
  })

  it('is refused with 403 to every other kind, however much it may do', async () => {
    for (const kind of KINDS.filter((each) => !allowed.includes(each)))
      expectVendorError('synerise', await send(operation, kind, tokens.able[kind]), 'forbidden')
  })

  it.runIf(permission !== undefined)('is refused with 403 without its permission', async () => {
    for (const kind of allowed.filter((each) => !PUBLIC_KEYS.includes(each)))
      expectVendorError('synerise', await send(operation, kind, tokens.unable[kind]), 'forbidden')
  })

  it('is not refused to a tracker or AI key of its table, which has no permissions', async () => {
    for (const kind of allowed.filter((each) => PUBLIC_KEYS.includes(each)))
      expectVendorError('synerise', await send(operation, kind, tokens.unable[kind]), 'invalid')
  })

  it('is refused with 401 to a tracker or AI key that nobody has, or one in the place of the other', async () => {
    for (const kind of PUBLIC_KEYS)
      for (const secret of ['wrong-secret', tokens.able[kind === 'T' ? 'K' : 'T']])
        expectVendorError('synerise', await send(operation, kind, secret), 'unauthenticated')
  })

  it('is refused with 401 once the token has expired', async () => {
    const later = Date.now() + 2 * 86_400_000
    restoreClock = useClock(() => later)
    for (const kind of KINDS.filter((each) => !PUBLIC_KEYS.includes(each)))
      expectVendorError('synerise', await send(operation, kind, tokens.able[kind]), 'unauthenticated')
  })
})

it('the Synerise table says of each operation who may call it, and of users which act of which group', () => {
  expect(guarded.length).toBeGreaterThan(30)
  for (const { id, open, callers = [], permission, role, act } of OPERATIONS) {
    expect([id, open === true], id).toEqual([id, callers.length === 0])
    const isForUsers = callers.includes('U') && permission !== undefined
    expect([id, role !== undefined, act !== undefined]).toEqual([id, isForUsers, isForUsers])
  }
})

const OWN = /\/auth\/|\/session$/

describe.each(native.operations.filter(({ path, open }) => !open && !OWN.test(path)))(
  'native $id',
  ({ id }) => {
    it('is refused with 403 to a key without its permission', async () => {
      const headers = { authorization: `Bearer ${powerlessKey}` }
      const reply = await harness.call('native', id, { headers, params: ANY, body: {} })
      expect([reply.status, (reply.body as { code: string }).code]).toEqual([403, 'CDP_PERMISSION_MISSING'])
    })
  },
)

const ANY = {
  profileId: '1',
  rejectionId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
  messageId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
  invitationId: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f',
  name: 'pin',
  userId: '1',
  keyId: '1',
}
