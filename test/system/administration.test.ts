import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServerSandbox, get, post, shop, waitFor } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

let sandbox: ServerSandbox
let server: TributaryProcess

beforeAll(async () => {
  sandbox = await ServerSandbox.prepared()
  server = await sandbox.serveShop()
})

afterAll(async () => sandbox.destroy())

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

async function tributary(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const command = sandbox.launch({ args, env })
  const { code } = await command.end()
  return { code, stdout: command.stdout, stderr: command.stderr }
}

async function json<T>(args: readonly string[], env?: Record<string, string>): Promise<T> {
  const { code, stdout, stderr } = await tributary([...args, '--json'], env)
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as T
}

interface Shown {
  guid: string
  name: string
  settings: Record<string, unknown>
}

const statusOf = async (key: string): Promise<number> =>
  (await get(server.address, '/api/v1/stats', key)).status

test('a workspace is made, configured, renamed and archived beside a running server, which notices', async () => {
  const made = await json<Shown & { apiKey: { secret: string } }>([
    'workspaces',
    'create',
    'Made',
    '--guid',
    '0F6D9E2B-3A1C-4C55-9A77-2A9D7F1F0A11',
    '--set',
    'timezone=Europe/Warsaw',
    '--set',
    'webengage.licenseCode=123',
    '--set',
    'dedupeDays=7',
  ])
  expect(made).toMatchObject({
    guid: '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
    settings: { timezone: 'Europe/Warsaw', dedupeDays: 7, webengage: { licenseCode: '123' } },
  })
  const { secret } = made.apiKey
  expect(await statusOf(secret)).toBe(200)
  const configured = await json<Shown>([
    'workspaces',
    'configure',
    'Made',
    '--set',
    'defaultCountry=PL',
    '--unset',
    'dedupeDays',
    '--set',
    'corsOrigins=["https://a.example"]',
    '--unset',
    'webengage',
  ])
  expect(configured.settings).toMatchObject({
    defaultCountry: 'PL',
    dedupeDays: 0,
    corsOrigins: ['https://a.example'],
  })
  expect(configured.settings).not.toHaveProperty('webengage')
  const read = async (): Promise<Shown> =>
    (await get(server.address, `/api/v1/workspaces/${made.guid}`, secret)).body as Shown
  expect((await read()).settings).toEqual(configured.settings)
  await json(['workspaces', 'rename', made.guid, 'Other name'])
  expect(await json<Shown[]>(['workspaces', 'list'])).toMatchObject([
    { name: 'Shop' },
    { name: 'Other name' },
  ])
  expect((await tributary(['workspaces', 'archive', 'Other name'])).stdout).toBe('Archived "Other name".\n')
  await waitFor(
    'the key to open nothing',
    async () => ((await statusOf(secret)) === 401 ? true : undefined),
    4_000,
  )
  expect(await json<Shown[]>(['workspaces', 'list'])).toMatchObject([{ name: 'Shop' }])
})

test('a tag of the installation is made, recoloured and removed beside a running server, and workspaces see it', async () => {
  interface ShownTag {
    id: string
    name: string
    color: string
  }
  const made = await json<ShownTag>(['tags', 'create', 'press contact', '--color', '#0768ff'])
  expect(made).toMatchObject({ name: 'press contact', color: '#0768ff' })
  expect(await json<ShownTag>(['tags', 'recolor', made.id, '#ff0000'])).toMatchObject({ color: '#ff0000' })
  expect((await tributary(['tags', 'list'])).stdout).toMatch(/press contact +#ff0000/)
  const seen = async (): Promise<unknown> => {
    const reply = await get(server.address, '/api/v1/tags', 'tk_of_the_shop')
    return (reply.body as { items: object[] }).items
  }
  expect(await seen()).toMatchObject([
    { id: made.id, name: 'press contact', color: '#ff0000', isShared: true },
  ])
  expect((await tributary(['tags', 'create', 'press contact'])).code).toBe(73)
  expect((await tributary(['tags', 'create', 'other', '--color', 'red'])).code).toBe(64)
  expect((await tributary(['tags', 'remove', made.id])).code).toBe(0)
  expect((await tributary(['tags', 'remove', made.id])).code).toBe(64)
  expect(await seen()).toEqual([])
})

test('a list is a table with its columns under one another', async () => {
  const { stdout } = await tributary(['workspaces', 'list'])
  const [head = '', row = ''] = stdout.split('\n')
  expect(head).toMatch(/^NAME +GUID +MANAGED BY +CREATED$/)
  expect(row.indexOf('config')).toBe(head.indexOf('MANAGED BY'))
})

test('a key is made, rotated and revoked, and opens nothing soon after', async () => {
  const made = await json<{ id: number; secret: string; prefix: string }>(
    [
      'keys',
      'create',
      'Shop',
      '--scope',
      'native',
      '--permission',
      'stats:read',
      '--permission',
      'profiles:read',
      '--secret',
      'env:MY_SECRET',
    ],
    { MY_SECRET: 'my-own-secret-of-the-shop' },
  )
  expect(made).toMatchObject({ secret: 'my-own-secret-of-the-shop', prefix: 'my-o' })
  expect(await statusOf(made.secret)).toBe(200)
  const rotated = await json<{ id: number; secret: string; permissions: string[] }>([
    'keys',
    'rotate',
    'Shop',
    String(made.id),
  ])
  expect(rotated.permissions).toEqual(['stats:read', 'profiles:read'])
  expect(await statusOf(rotated.secret)).toBe(200)
  const closed = (secret: string) => async (): Promise<true | undefined> =>
    (await statusOf(secret)) === 401 ? true : undefined
  await waitFor('the old secret to open nothing', closed(made.secret), 4_000)
  const revoked = await json(['keys', 'revoke', 'Shop', rotated.secret.slice(0, 4)])
  expect(revoked).toMatchObject({ id: rotated.id, revoked: true })
  await waitFor('the new secret to open nothing', closed(rotated.secret), 4_000)
})

test('a user is made with a generated password, listed and disabled', async () => {
  const made = await json<{ id: number; password: string }>([
    'users',
    'add',
    'ann@example.com',
    '--workspace',
    'Shop',
  ])
  expect(made.password).toMatch(/^[\w-]{32}$/)
  const listed = await tributary(['users', 'list'])
  expect(listed.stdout).toContain('ann@example.com')
  expect(listed.stdout).not.toContain(made.password)
  expect((await tributary(['users', 'reset-mfa', 'ann@example.com'])).code).toBe(0)
  expect((await tributary(['users', 'disable', 'ANN@example.com'])).stdout).toBe(
    'Disabled ann@example.com.\n',
  )
  expect(await json<object[]>(['users', 'list'])).toContainEqual(
    expect.objectContaining({ id: made.id, disabledAt: expect.any(String) }),
  )
})

test('lists show no secret, and neither does the log', async () => {
  const { secret } = await json<{ secret: string }>(['keys', 'create', 'Shop', '--scope', 'webengage'])
  const bulk = { users: [{ userId: 'u1' }] }
  const { status } = await post(server.address, 'bulk-users', bulk, { authorization: `Bearer ${secret}` })
  expect(status).toBe(201)
  const listed = await tributary(['keys', 'list', 'Shop'])
  expect(listed.stdout).toContain('webengage')
  expect(listed.stdout + listed.stderr + server.stdout).not.toContain(secret)
})

test.concurrent.each([
  ['a workspace that is not there', ['workspaces', 'archive', 'Nowhere'], 64, 'no workspace "Nowhere"'],
  [
    'an unknown setting',
    ['workspaces', 'create', 'X', '--set', 'colour=red'],
    64,
    'settings.colour: unknown key',
  ],
  [
    'a wrong value',
    ['workspaces', 'create', 'X', '--set', 'ledgerDays=many'],
    64,
    'settings.ledgerDays: must be',
  ],
  ['no change', ['workspaces', 'configure', 'Shop'], 64, 'give --set or --unset'],
  ['a setting without a value', ['workspaces', 'create', 'X', '--set', 'timezone'], 64, 'key=value'],
  ['a name that is taken', ['workspaces', 'create', 'Shop'], 73, 'CDP_WORKSPACE_TAKEN'],
  ['a declared workspace', ['workspaces', 'rename', 'Shop', 'Y'], 73, 'CDP_MANAGED_BY_CONFIG'],
  ['a declared key', ['keys', 'revoke', 'Shop', 'tk_'], 73, 'CDP_MANAGED_BY_CONFIG'],
  ['a key that is not there', ['keys', 'rotate', 'Shop', '999999'], 64, 'CDP_API_KEY_NOT_FOUND'],
  ['an unknown scope', ['keys', 'create', 'Shop', '--scope', 'all'], 64, '--scope must be one of'],
  ['a user who is not there', ['users', 'disable', 'nobody@example.com'], 64, 'no user "nobody@example.com"'],
  ['a weak password', ['users', 'add', 'x@example.com', '--password', 'short'], 64, 'CDP_PASSWORD_WEAK'],
  ['no scope', ['keys', 'create', 'Shop'], 64, '--scope'],
  [
    'a secret that opens something',
    ['keys', 'create', 'Shop', '--scope', 'native', '--secret', 'tk_of_the_shop'],
    73,
    'CDP_API_KEY_TAKEN',
  ],
  [
    'a variable that is not set',
    ['keys', 'create', 'Shop', '--scope', 'native', '--secret', 'env:NO_SUCH'],
    78,
    'NO_SUCH',
  ],
  ['an unknown command', ['workspaces', 'destroy', 'Shop'], 64, 'destroy'],
])('%s ends with its own exit code and says why', async (_what, args, code, text) => {
  const outcome = await tributary(args)
  expect([outcome.code, outcome.stdout]).toEqual([code, ''])
  expect(outcome.stderr).toContain(text)
})

test('without a server the same commands work, and the next start keeps what they made', async () => {
  await server.stop()
  const { apiKey } = await json<{ apiKey: { secret: string } }>(['workspaces', 'create', 'Alone'])
  const config = await sandbox.writeConfig({ workspaces: [shop()] })
  server = await sandbox.serve({ args: ['--config', config] })
  expect(await statusOf(apiKey.secret)).toBe(200)
})
