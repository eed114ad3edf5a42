import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { DAY_MS, now, useClock } from '../../../src/lib/time.ts'
import { OPERATOR, openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterEach(async () => {
  restoreClock()
  await database.admin.query('delete from attempt')
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const PASSWORD = 'a sentence that nobody guesses'

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** What these tests read of answers. */
interface Answer {
  token: string
  id: number
  secret: string
  disabledAt: string | null
  items: { action: string; actor: object; object: string }[]
  nextCursor: string | null
}

/** The body of a call that succeeds. */
const bodyOf = (reply: Reply, status = 200): Answer => {
  expect(reply.status, reply.text).toBe(status)
  return reply.body as Answer
}

const logIn = async (email: string, password = PASSWORD): Promise<string> =>
  bodyOf(await native('log-in', { body: { email, password } })).token

/** A token in the first workspace. */
const enter = async (email: string, password = PASSWORD): Promise<string> => {
  const call = { ...as(await logIn(email, password)), body: { guid: '@guid' } }
  return bodyOf(await native('select-workspace', call)).token
}

const owner = (): Promise<string> => enter(OPERATOR.email, OPERATOR.password)

let made = 0

/** A new user of the first workspace. */
const make = async (role: string, roleThere = 'reader'): Promise<{ id: string; email: string }> => {
  const email = `user-${++made}@example.com`
  const body = { email, password: PASSWORD, role, workspaces: [{ guid: '@guid', role: roleThere }] }
  const { id } = bodyOf(await native('create-user', { ...as(await owner()), body }), 201)
  return { id: String(id), email }
}

describe('users', () => {
  it('are managed by admins as far as their workspaces reach, and owners by owners only', async () => {
    const admin = await make('admin')
    const member = await make('member')
    const token = await enter(admin.email)
    const patch = (userId: string, body: object): Promise<Reply> =>
      native('patch-user', { ...as(token), params: { userId }, body })
    expect((await patch(member.id, { role: 'admin' })).status).toBe(200)
    expectVendorError('native', await patch(member.id, { role: 'owner' }), 'forbidden')
    const [operator] = await rowsOf<{ user_id: number }>(
      database,
      `select user_id from user_account where email = '${OPERATOR.email}'`,
    )
    expectVendorError('native', await patch(String(operator?.user_id), { role: 'member' }), 'forbidden')
    expectVendorError('native', await patch('x', { role: 'member' }), 'not_found')
    const second = harness.call('native', 'list-users', { workspace: 'Second' })
    expect(bodyOf(await second).items).toEqual([])
    const elsewhere = { params: { userId: member.id }, workspace: 'Second' as const }
    expectVendorError('native', await native('disable-user', elsewhere), 'not_found')
  })

  it('that are disabled are out at once, and enabled again with their password', async () => {
    const { id, email } = await make('member')
    const token = await enter(email)
    const patch = async (disabled: boolean): Promise<Reply> =>
      native('patch-user', { ...as(await owner()), params: { userId: id }, body: { disabled } })
    expect(bodyOf(await patch(true)).disabledAt).toEqual(expect.any(String))
    expectVendorError('native', await native('get-session', as(token)), 'unauthenticated')
    expectVendorError(
      'native',
      await native('log-in', { body: { email, password: PASSWORD } }),
      'unauthenticated',
    )
    expect((await patch(false)).status).toBe(200)
    expectVendorError('native', await native('get-session', as(token)), 'unauthenticated')
    await enter(email)
  })

  it('of the configuration file keep their role, and one e-mail is one user', async () => {
    const [row] = await rowsOf<{ user_id: number }>(
      database,
      `select user_id from user_account where email = '${OPERATOR.email}'`,
    )
    const call = { ...as(await owner()), params: { userId: String(row?.user_id) }, body: { role: 'member' } }
    expectVendorError('native', await native('patch-user', call), 'conflict')
    const { email } = await make('member')
    const body = { email: email.toUpperCase(), password: PASSWORD, role: 'member', workspaces: [] }
    expectVendorError('native', await native('create-user', { body }), 'conflict')
  })

  test('a password that is refused is in no ledger', async () => {
    const body = { email: 'ledger@example.com', password: 'tiny-secret', role: 'member', workspaces: [] }
    expectVendorError('native', await native('create-user', { body }), 'invalid')
    await expect
      .poll(() => countOf(database, `select count(*) from rejection where operation = 'create-user'`))
      .toBeGreaterThan(0)
    expect(JSON.stringify(await rowsOf(database, 'select r::text as text from rejection r'))).not.toContain(
      'tiny-secret',
    )
  })
})

describe('members', () => {
  it('read with the built-in role, do what a role of the workspace says, and manage nothing', async () => {
    const reader = await enter((await make('member')).email)
    for (const operation of ['list-profiles', 'list-attributes', 'get-stats', 'list-rejections'])
      expect((await native(operation, as(reader))).status, operation).toBe(200)
    const body = { items: [{ identifiers: [{ kind: 'userId', value: 'm-1' }] }] }
    for (const operation of ['list-users', 'list-audit', 'list-keys', 'list-roles', 'list-invitations'])
      expectVendorError('native', await native(operation, as(reader)), 'forbidden')
    expectVendorError('native', await native('write-profiles', { ...as(reader), body }), 'forbidden')
    const permissions = ['CLIENT_MANAGEMENT:create', 'CLIENT_INFO:edit']
    const put = await native('put-role', {
      ...as(await owner()),
      params: { name: 'writer' },
      body: { permissions },
    })
    expect(put.status).toBe(200)
    const writer = await enter((await make('member', 'writer')).email)
    expect((await native('write-profiles', { ...as(writer), body })).status).toBeLessThan(300)
    expectVendorError('native', await native('list-profiles', as(writer)), 'forbidden')
    const remove = await native('delete-role', { params: { name: 'writer' } })
    expectVendorError('native', remove, 'conflict')
    expectVendorError('native', await native('delete-role', { params: { name: 'reader' } }), 'conflict')
  })
})

describe('an invitation', () => {
  const invite = async (email: string): Promise<string> => {
    const body = { email, role: 'member', workspaces: ['@guid'] }
    return bodyOf(await native('create-invitation', { body }), 201).token
  }
  const accept = (token: string, password = PASSWORD): Promise<Reply> =>
    native('accept-invitation', { credential: 'none', body: { token, password } })

  it('makes a user who logs in, once', async () => {
    const token = await invite('invited-once@example.com')
    expectVendorError('native', await accept(token, 'short'), 'invalid')
    const replies = await Promise.all([accept(token), accept(token)])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 404])
    await enter('invited-once@example.com')
    const stored = JSON.stringify(await rowsOf(database, 'select i::text as text from user_invitation i'))
    expect(stored).not.toContain(token)
  })

  it('is worth nothing once its inviter is disabled, may no longer give that much, or was revoked', async () => {
    const inviteAs = async (token: string, role = 'admin'): Promise<string> => {
      const body = { email: `invited-${++made}@example.com`, role, workspaces: ['@guid'] }
      return bodyOf(await native('create-invitation', { ...as(token), body }), 201).token
    }
    const patch = async (userId: string, body: object): Promise<number> =>
      (await native('patch-user', { ...as(await owner()), params: { userId }, body })).status
    const gone = await make('admin')
    const demoted = await make('admin')
    const moved = await make('admin')
    const key = bodyOf(await native('create-key', { body: { scope: 'native', permissions: ['*'] } }), 201)
    const [ofGone, ofDemoted, ofMoved, ofKey] = [
      await inviteAs(await enter(gone.email)),
      await inviteAs(await enter(demoted.email), 'member'),
      await inviteAs(await enter(moved.email)),
      await inviteAs(key.secret),
    ]
    const ofLiving = await inviteAs(await enter((await make('admin')).email))
    expect(await patch(gone.id, { disabled: true })).toBe(200)
    expect(await patch(demoted.id, { role: 'member' })).toBe(200)
    expect(await patch(moved.id, { workspaces: [] })).toBe(200)
    expect((await native('revoke-key', { params: { keyId: String(key.id) } })).status).toBe(204)
    for (const token of [ofGone, ofDemoted, ofMoved, ofKey])
      expectVendorError('native', await accept(token), 'not_found')
    expect(await patch(gone.id, { disabled: false })).toBe(200)
    expectVendorError('native', await accept(ofGone), 'not_found')
    expect((await accept(ofLiving)).status).toBe(200)
  })

  it('expires after seven days', async () => {
    const token = await invite('invited-late@example.com')
    const later = now() + 7 * DAY_MS
    restoreClock = useClock(() => later)
    expectVendorError('native', await accept(token), 'not_found')
  })
})

describe('a workspace', () => {
  it('that a user makes can be entered by its maker, and one that is shut is none in the session', async () => {
    const admin = await make('admin')
    const token = await enter(admin.email)
    const created = await native('create-workspace', { ...as(token), body: { name: 'Of an admin' } })
    expect(created.status, created.text).toBe(201)
    const { guid } = created.body as { guid: string }
    const there = bodyOf(
      await native('select-workspace', { ...as(await logIn(admin.email)), body: { guid } }),
    ).token
    expect((await native('get-session', as(there))).body).toMatchObject({ workspace: { guid } })
    await database.admin.query('update workspace set archived_at = now() where guid = $1', [guid])
    const { status, body } = await native('get-session', as(there))
    expect({ status, body }).toMatchObject({ status: 200, body: { workspace: null } })
  })
})

describe('the audit log', () => {
  it('says who did what, in pages, and to others than owners only what was done in their workspace', async () => {
    const token = await owner()
    await native('put-role', { ...as(token), params: { name: 'audited' }, body: { permissions: [] } })
    const list = async (query: Record<string, string>, of = token) =>
      bodyOf(await native('list-audit', { ...as(of), query }))
    const { items } = await list({ action: 'role.put', limit: '1' })
    expect(items).toMatchObject([{ object: 'audited', actor: { kind: 'user', name: OPERATOR.email } }])
    const first = await list({ limit: '2' })
    const second = await list({ limit: '2', cursor: first.nextCursor ?? '' })
    expect(first.items).toHaveLength(2)
    expect(second.items).not.toEqual(first.items)
    const config = await list({ actor: 'configuration file' })
    expect(config.items.map(({ action }) => action)).toContain('user.create')
    const admin = await enter((await make('admin')).email)
    expect(
      (await list({ actor: 'configuration file' }, admin)).items.map(({ action }) => action),
    ).not.toContain('user.create')
    expectVendorError(
      'native',
      await native('list-audit', { ...as(token), query: { cursor: 'x' } }),
      'invalid',
    )
  })
})

describe('keys', () => {
  const keyThatMay = async (...permissions: string[]): Promise<{ id: number; secret: string }> =>
    bodyOf(await native('create-key', { body: { scope: 'native', permissions } }), 201)

  it('hand out no permission that they have not', async () => {
    const { secret } = await keyThatMay('keys:write', 'stats:read')
    const create = (permissions?: string[]): Promise<Reply> =>
      native('create-key', { ...as(secret), body: { scope: 'native', ...(permissions && { permissions }) } })
    expectVendorError('native', await create(['*']), 'forbidden')
    expectVendorError('native', await create(), 'forbidden')
    expect((await create(['stats:read'])).status).toBe(201)
  })

  it('of a scope whose dialect asks for no permission are made and rotated by who may do all', async () => {
    const { secret } = await keyThatMay('keys:write')
    for (const scope of ['webengage', 'pyze', 'xtremepush', 'yotpo']) {
      const body = { scope, permissions: [] }
      expectVendorError('native', await native('create-key', { ...as(secret), body }), 'forbidden')
      const { id } = bodyOf(await native('create-key', { ...as(await owner()), body }), 201)
      const rotate = (token: string): Promise<Reply> =>
        native('rotate-key', { ...as(token), params: { keyId: String(id) } })
      expectVendorError('native', await rotate(secret), 'forbidden')
      expect((await rotate(await owner())).status).toBe(200)
    }
  })

  it('give no rank and no role that may do more than they may', async () => {
    const { secret } = await keyThatMay('users:write', 'CLIENT_INFO:read')
    const email = `user-${++made}@example.com`
    const create = (role: string, workspaces: object[]): Promise<Reply> =>
      native('create-user', { ...as(secret), body: { email, password: PASSWORD, role, workspaces } })
    const invite = (body: object): Promise<Reply> =>
      native('create-invitation', { ...as(secret), body: { email: `i-${email}`, ...body } })
    expectVendorError('native', await create('admin', []), 'forbidden')
    expectVendorError('native', await create('member', [{ guid: '@guid' }]), 'forbidden')
    expectVendorError('native', await invite({ role: 'admin', workspaces: [] }), 'forbidden')
    expectVendorError('native', await invite({ role: 'member', workspaces: ['@guid'] }), 'forbidden')
    for (const [name, permissions] of [
      ['viewer', ['CLIENT_INFO:read']],
      ['editor', ['CLIENT_INFO:*']],
    ] as const)
      await native('put-role', { ...as(await owner()), params: { name }, body: { permissions } })
    expectVendorError('native', await create('member', [{ guid: '@guid', role: 'editor' }]), 'forbidden')
    const { id } = bodyOf(await create('member', [{ guid: '@guid', role: 'viewer' }]), 201)
    const patch = (userId: string | number, body: object): Promise<Reply> =>
      native('patch-user', { ...as(secret), params: { userId: String(userId) }, body })
    expectVendorError('native', await patch(id, { role: 'admin' }), 'forbidden')
    expectVendorError('native', await patch(id, { workspaces: [{ guid: '@guid' }] }), 'forbidden')
  })

  it('decide about nobody and change no role that may do more than they may', async () => {
    const { secret } = await keyThatMay('users:write', 'roles:write', 'CLIENT_INFO:read')
    const put = (name: string, permissions: string[], token = secret): Promise<Reply> =>
      native('put-role', { ...as(token), params: { name }, body: { permissions } })
    expectVendorError('native', await put('wide', ['CLIENT_INFO:delete']), 'forbidden')
    expect((await put('narrow', ['CLIENT_INFO:read'])).status).toBe(200)
    expect((await put('wide', ['CLIENT_INFO:*'], await owner())).status).toBe(200)
    expectVendorError('native', await put('wide', ['CLIENT_INFO:read']), 'forbidden')
    const admin = await make('admin')
    const editor = await make('member', 'wide')
    for (const { id } of [admin, editor]) {
      const call = { ...as(secret), params: { userId: id } }
      expectVendorError('native', await native('disable-user', call), 'forbidden')
      expectVendorError('native', await native('reset-mfa', call), 'forbidden')
      expectVendorError(
        'native',
        await native('patch-user', { ...call, body: { role: 'member' } }),
        'forbidden',
      )
    }
    const viewer = await make('member', 'narrow')
    const disabled = await native('disable-user', { ...as(secret), params: { userId: viewer.id } })
    expect(disabled.status).toBe(204)
  })
})
