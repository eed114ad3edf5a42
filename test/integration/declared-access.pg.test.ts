import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openCredentials, verifyPassword } from '../../src/core/access/index.ts'
import { applyDeclaration, DEFAULT_SETTINGS, isUntouched } from '../../src/core/workspaces/index.ts'
import type {
  Declaration,
  DeclaredKey,
  DeclaredUser,
  DeclaredWorkspace,
} from '../../src/core/workspaces/index.ts'
import { MAJORS, countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

const PASSWORD = 'correct horse battery staple'

describe.each(MAJORS)('declared workspaces, keys and users on PostgreSQL %s', (major) => {
  let database: TestDatabase

  beforeEach(async () => {
    database = await openTestDatabase({ major })
  })
  afterEach(() => database.close())

  test('are there after the first start, and the same declaration again changes nothing', async () => {
    expect(await isUntouched(database.db)).toBe(true)
    const declaration = declare([shop()], [admin()])
    await apply(declaration)
    expect(await isUntouched(database.db)).toBe(false)
    const before = await everything()
    await apply(declaration)
    await Promise.all([apply(declaration), apply(declaration)])
    expect(await everything()).toEqual(before)
    expect(before.users).toHaveLength(1)
  })

  test('take their settings and permissions from the newest declaration, under the same ids', async () => {
    const before = shop()
    await apply(declare([before], [admin()]))
    const [first] = await rowsOf<{ workspace_id: number }>(database, 'select workspace_id from workspace')
    const settings = { ...DEFAULT_SETTINGS, timezone: 'Europe/Warsaw', emailIdentity: 'contact' } as const
    const after = {
      ...before,
      name: 'Renamed',
      settings,
      keys: [key('native', 'tk_live_secret', ['profiles:read'])],
    }
    await apply(declare([after], [admin({ workspaces: ['Renamed'], role: 'member' })]))
    const caller = await openCredentials(database.db).authenticate('tk_live_secret', 'native')
    expect(caller).toMatchObject({
      permissions: ['profiles:read'],
      workspace: { id: first?.workspace_id, name: 'Renamed', settings },
    })
    expect(await rowsOf(database, 'select role from user_account')).toEqual([{ role: 'member' }])
  })

  test('take over a key that was made elsewhere: once it leaves the declaration it opens nothing', async () => {
    const keys = [key('native', 'tk_made_elsewhere')]
    const made = shop({ keys })
    await applyDeclaration(database.db, declare([made], []), 'start')
    await apply(declare([made], []))
    expect(await rowsOf(database, 'select managed_by from api_key')).toEqual([{ managed_by: 'config' }])
    await apply(declare([{ ...made, keys: [] }], []))
    await expect(
      openCredentials(database.db).authenticate('tk_made_elsewhere', 'native'),
    ).rejects.toMatchObject({
      code: 'CDP_KEY_UNKNOWN',
    })
  })

  test('lose what is not declared any more: archived, revoked, disabled; and get it back when it is declared again', async () => {
    const [one, two] = [shop(), shop({ name: 'Second', keys: [key('pyze', 'second-secret')] })]
    const whole = declare(
      [one, two],
      [admin({ workspaces: ['Shop', 'Second'] }), admin({ email: 'b@x.example' })],
    )
    await apply(whole)
    await apply(declare([{ ...one, keys: [] }], [admin()]))
    const credentials = openCredentials(database.db)
    await expect(credentials.authenticate('second-secret', 'pyze')).rejects.toMatchObject({
      code: 'CDP_KEY_UNKNOWN',
    })
    await expect(credentials.authenticate('tk_live_secret', 'native')).rejects.toMatchObject({
      code: 'CDP_KEY_UNKNOWN',
    })
    expect((await everything()).users.map(({ email }) => email)).toEqual(['admin@example.com'])
    await apply(whole)
    expect((await credentials.authenticate('second-secret', 'pyze')).workspace.name).toBe('Second')
    expect((await everything()).users).toHaveLength(2)
    expect((await everything()).workspaces).toHaveLength(2)
  })

  test('leave alone what the first start or somebody else made', async () => {
    await applyDeclaration(
      database.db,
      declare([shop({ name: 'Default', keys: [key('native', 'from-the-start')] })], []),
      'start',
    )
    await apply(declare([shop({ name: 'Other', keys: [] })], []))
    expect((await openCredentials(database.db).authenticate('from-the-start', 'native')).workspace.name).toBe(
      'Default',
    )
  })

  test('are refused when one credential is declared twice, in one workspace or two, and nothing is changed', async () => {
    await apply(declare([shop()], []))
    const before = await everything()
    const again = key('webengage', 'tk_live_secret')
    const second = shop({ name: 'Second', keys: [again] })
    for (const declaration of [
      declare([shop({ keys: [again, again] })], []),
      declare([shop(), second], []),
    ]) {
      await expect(apply(declaration)).rejects.toMatchObject({ code: 'CDP_CONFIG_INVALID', kind: 'startup' })
    }
    await applyDeclaration(
      database.db,
      declare([shop({ name: 'Start', guid: randomUUID(), keys: [key('ai', 'taken')] })], []),
      'start',
    )
    await expect(
      apply(declare([shop(), { ...second, keys: [key('ai', 'taken')] }], [])),
    ).rejects.toMatchObject({ code: 'CDP_CONFIG_INVALID' })
    expect((await everything()).keys.filter((row) => row.managed_by === 'config')).toEqual(before.keys)
  })

  test('are refused when two workspaces have one name, or a user names a workspace that is not there', async () => {
    await applyDeclaration(database.db, declare([shop({ guid: randomUUID(), keys: [] })], []), 'start')
    await expect(apply(declare([shop()], []))).rejects.toMatchObject({
      code: 'CDP_CONFIG_INVALID',
      message: expect.stringContaining('"Shop"') as string,
    })
    const lost = declare([shop({ name: 'Mine', keys: [] })], [admin({ workspaces: ['Nowhere'] })])
    await expect(apply(lost)).rejects.toMatchObject({
      code: 'CDP_CONFIG_INVALID',
      message: expect.stringContaining('Nowhere') as string,
    })
  })

  test('set a password only at creation and when its text in the declaration changed', async () => {
    await apply(declare([shop()], [admin()]))
    await database.admin.query(`update user_account set password_hash = 'changed in the console'`)
    await apply(declare([shop()], [admin()]))
    expect(await passwordHash()).toBe('changed in the console')
    const devices = 'select count(*) from user_device'
    await database.admin.query(
      `insert into user_device select user_id, 'x', now() + interval '1 hour' from user_account`,
    )
    await apply(declare([shop()], [admin()]))
    expect(await countOf(database, devices)).toBe(1)
    await apply(declare([shop()], [admin({ password: 'a new text in the file' })]))
    expect(await countOf(database, devices)).toBe(0)
    expect(await verifyPassword('a new text in the file', await passwordHash())).toBe(true)
    expect(await verifyPassword(PASSWORD, await passwordHash())).toBe(false)
  })

  test('leave no secret in the database, in no column of any table', async () => {
    await apply(declare([shop()], [admin()]))
    const tables = await rowsOf<{ name: string }>(
      database,
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
    )
    for (const { name } of tables) {
      const rows = await rowsOf<{ text: string }>(database, `select t::text as text from ${name} as t`)
      const text = rows.map((row) => row.text).join('\n')
      for (const secret of ['tk_live_secret', PASSWORD, 'webengage-secret']) {
        expect(text, name).not.toContain(secret)
        expect(text, name).not.toContain(Buffer.from(secret).toString('hex'))
        expect(text, name).not.toContain(Buffer.from(secret).toString('base64'))
      }
    }
    expect((await everything()).keys.map(({ prefix }) => prefix).toSorted()).toEqual(['tk_', 'webe'])
  })

  test('open their own scope only', async () => {
    await apply(declare([shop()], []))
    const credentials = openCredentials(database.db)
    expect(await credentials.authenticate('tk_live_secret', 'native')).toMatchObject({
      label: 'native:tk_',
      permissions: ['*'],
    })
    await expect(credentials.authenticate('tk_live_secret', 'webengage')).rejects.toMatchObject({
      code: 'CDP_KEY_UNKNOWN',
    })
    for (const missing of [undefined, '']) {
      await expect(credentials.authenticate(missing, 'native')).rejects.toMatchObject({
        code: 'CDP_KEY_MISSING',
      })
    }
  })

  function apply(declaration: Declaration): Promise<void> {
    return applyDeclaration(database.db, declaration, 'config')
  }

  async function passwordHash(): Promise<string> {
    const [row] = await rowsOf<{ hash: string }>(database, 'select password_hash as hash from user_account')
    return row?.hash ?? ''
  }

  async function everything() {
    return {
      workspaces: await rowsOf(
        database,
        'select * from workspace where archived_at is null order by workspace_id',
      ),
      keys: await rowsOf<{ prefix: string; managed_by: string }>(
        database,
        'select * from api_key where revoked_at is null order by workspace_id, api_key_id',
      ),
      users: await rowsOf<{ email: string }>(
        database,
        'select * from user_account where disabled_at is null order by user_id',
      ),
      access: await rowsOf(database, 'select * from user_workspace order by user_id, workspace_id'),
    }
  }
})

const SHOP_GUID = randomUUID()

function shop(overrides: Partial<DeclaredWorkspace> = {}): DeclaredWorkspace {
  const guid = overrides.name === undefined ? SHOP_GUID : randomUUID()
  const keys = [key('native', 'tk_live_secret'), key('webengage', 'webengage-secret')]
  return { name: 'Shop', guid, settings: DEFAULT_SETTINGS, keys, ...overrides }
}

function key(
  scope: DeclaredKey['scope'],
  secret: string,
  permissions: readonly string[] = ['*'],
): DeclaredKey {
  return { scope, secret, permissions }
}

function admin(overrides: Partial<DeclaredUser> = {}): DeclaredUser {
  return { email: 'Admin@Example.com', password: PASSWORD, role: 'owner', workspaces: ['Shop'], ...overrides }
}

function declare(workspaces: readonly DeclaredWorkspace[], users: readonly DeclaredUser[]): Declaration {
  return { workspaces, users }
}
