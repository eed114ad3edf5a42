import { describe, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import type { ServerConfig } from '../config.ts'
import { CdpError } from '../model/errors.ts'

const PATH = '/etc/tributary.json'

async function readText(text: string, env: Record<string, string> = {}): Promise<ServerConfig> {
  return readConfig({ config: PATH }, { env, readFile: async () => text })
}

async function read(file: unknown, env: Record<string, string> = {}): Promise<ServerConfig> {
  return readText(JSON.stringify(file), env)
}

/** The lines of the error that reading this text ends with; none when it is right. */
async function problemsOfText(text: string, env: Record<string, string> = {}): Promise<string[]> {
  const error: unknown = await readText(text, env).then(
    () => undefined,
    (refusal: unknown) => refusal,
  )
  if (error === undefined) return []
  if (error instanceof CdpError && error.code === 'CDP_CONFIG_INVALID') return error.message.split('\n')
  throw error
}

async function problemsOf(file: unknown, env: Record<string, string> = {}): Promise<string[]> {
  return problemsOfText(JSON.stringify(file), env)
}

describe('errors', () => {
  test('name the key, all at once, schema and doubles together', async () => {
    const file = {
      colour: 'red',
      server: { jsonDepthMax: '32', headersTimeoutMs: 40_000 },
      workspaces: [
        {
          name: 'A',
          colour: 'red',
          apiKeys: [
            { scope: 'native', key: 'k1' },
            { scope: 'root', key: 'k2' },
          ],
        },
        { name: 'A', timezone: 'Europe/Atlantis', defaultCountry: 'PX', webengage: { apiKeys: ['k1'] } },
      ],
      users: [{ email: 'a@b.c', password: 'short', role: 'king', workspaces: ['B'] }],
      mail: { smtp: 'http://x' },
    }
    expect(new Set(await problemsOf(file))).toEqual(
      new Set([
        'colour: unknown key',
        'server.jsonDepthMax: must be a whole number',
        'server.headersTimeoutMs: must be at most server.requestTimeoutMs, which is 30000',
        'workspaces[0].colour: unknown key',
        'workspaces[0].apiKeys[1].scope: must be one of workspace, profile, tracker, ai, native',
        'workspaces[1].name: is the same name as workspaces[0].name',
        'workspaces[1].timezone: must be an IANA time zone such as Europe/Warsaw',
        'workspaces[1].defaultCountry: must be an ISO 3166-1 alpha-2 country in capitals, such as PL',
        'workspaces[1].webengage.licenseCode: is required',
        'workspaces[1].webengage.apiKeys[0]: is the same credential as workspaces[0].apiKeys[0].key; one opens one workspace in one scope',
        'users[0].password: must have at least 8 characters',
        'users[0].role: must be one of owner, admin, member',
        'users[0].workspaces[0]: is no name under workspaces[].name',
        'mail.smtp: must be an smtp:// or smtps:// URL',
        'mail.from: is required',
      ]),
    )
  })

  test.each([
    [[], 'the file: must be an object'],
    [{ workspaces: {} }, 'workspaces: must be a list'],
    [{ workspaces: [{}] }, 'workspaces[0].name: is required'],
    [{ workspaces: [{ name: ' ' }] }, 'workspaces[0].name: must be 1 to 255 characters'],
    [{ workspaces: [{ name: 'A', guid: 'x' }] }, 'workspaces[0].guid: must be a UUID'],
    [{ workspaces: [{ name: 'A', ledgerDays: 0 }] }, 'workspaces[0].ledgerDays: must be at least 1'],
    [{ workspaces: [{ name: 'A', dedupeDays: 0.5 }] }, 'workspaces[0].dedupeDays: must be a whole number'],
    [
      { workspaces: [{ name: 'A', defaultCountry: 5 }] },
      'workspaces[0].defaultCountry: must be text or null',
    ],
    [
      { workspaces: [{ name: 'A', xtremepush: { appTokens: [] } }] },
      'workspaces[0].xtremepush.appTokens: must have at least 1 item',
    ],
    [
      { workspaces: [{ name: 'A', junkIdentifiers: { mail: ['x'] } }] },
      'workspaces[0].junkIdentifiers.mail: unknown key',
    ],
    [{ workspaces: [{ name: 'A', 'two\nlines': 1 }] }, 'workspaces[0]["two\\nlines"]: unknown key'],
    [{ server: { processes: 0 } }, 'server.processes: must be at least 1'],
    [{ sms: { webhook: 'ftp://x/y' } }, 'sms.webhook: must be an http:// or https:// URL'],
    [
      { mail: { smtp: 'smtps://u:p@mail:465', from: 'Shop <a@b' } },
      'mail.from: must be an e-mail address, or a name and an address in angle brackets',
    ],
  ])('%j is one error: %s', async (file, expected) => {
    expect(await problemsOf(file)).toEqual([expected])
  })

  test.each([
    '*',
    'null',
    'shop.example.com',
    'https://a.com/',
    'https://A.com',
    'https://a.com:443',
    'ftp://a.com',
  ])('the origin %s would never match what a browser sends', async (origin) => {
    const [problem] = await problemsOf({ workspaces: [{ name: 'A', corsOrigins: [origin] }] })
    expect(problem).toMatch(/^workspaces\[0\]\.corsOrigins\[0\]: must be an origin/)
  })

  test('guids and e-mail addresses are doubles whatever their letter case', async () => {
    const guid = '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11'
    const workspaces = [
      { name: 'A', guid },
      { name: 'B', guid: guid.toUpperCase() },
    ]
    const users = ['a@b.c', 'A@B.C'].map((email) => ({ email, password: 'long enough', role: 'member' }))
    expect(await problemsOf({ workspaces, users })).toEqual([
      'workspaces[1].guid: is the same guid as workspaces[0].guid',
      'users[1].email: is the same address as users[0].email',
    ])
  })

  test('a credential is a double in every pair of places', async () => {
    const workspaces = [
      { name: 'A', apiKeys: [{ scope: 'ai', key: 'same' }], pyze: { appKeys: ['same'], apiKeys: ['same'] } },
      { name: 'B', yotpo: { storeId: 'same', secret: 'same' }, xtremepush: { appTokens: ['same'] } },
    ]
    const keys = (await problemsOf({ workspaces })).map((line) => line.split(':')[0])
    expect(keys).toEqual([
      'workspaces[0].pyze.appKeys[0]',
      'workspaces[0].pyze.apiKeys[0]',
      'workspaces[1].yotpo.secret',
      'workspaces[1].xtremepush.appTokens[0]',
    ])
  })

  test('two references to one variable are a double credential as well', async () => {
    const apiKeys = ['ai', 'native'].map((scope) => ({ scope, key: 'env:KEY' }))
    expect(await problemsOf({ workspaces: [{ name: 'A', apiKeys }] }, { KEY: 'k' })).toEqual([
      'workspaces[0].apiKeys[1].key: is the same credential as workspaces[0].apiKeys[0].key; one opens one workspace in one scope',
    ])
  })
})

describe('references to the environment', () => {
  test('a missing variable names key and variable, once', async () => {
    const user = { email: 'a@b.c', password: 'env:ADMIN_PASSWORD', role: 'owner' }
    expect(await problemsOf({ users: [user] })).toEqual([
      'users[0].password: the environment variable ADMIN_PASSWORD is not set',
    ])
    expect(await problemsOf({ workspaces: [{ name: 'A', timezone: 'env:ZONE' }] })).toEqual([
      'workspaces[0].timezone: the environment variable ZONE is not set',
    ])
    expect(await problemsOf({ sms: { webhook: 'env:a b' } })).toEqual([
      'sms.webhook: env: must be followed by the name of a variable',
    ])
  })

  test('work in any text, and their values are checked like any other', async () => {
    const file = { workspaces: [{ name: 'env:NAME', timezone: 'env:ZONE' }] }
    expect((await read(file, { NAME: 'env:ZONE', ZONE: 'UTC' })).declaration?.workspaces[0]?.name).toBe(
      'env:ZONE',
    )
    expect(await problemsOf(file, { NAME: '', ZONE: 'UTC' })).toEqual([
      'workspaces[0].name: must be 1 to 255 characters',
    ])
  })
})

describe('the text of the file', () => {
  test.each([
    ['{\n"users": [],\n"mail" {}\n}', `${PATH} line 3: is not valid JSON`],
    ['', `${PATH} line 1: is not valid JSON`],
    ['{"users": []}\n}', `${PATH} line 2: is not valid JSON`],
    ['{\n// a comment\n}', `${PATH} line 2: is not valid JSON`],
    ['{"users": [],\n"users": [{}]}', `${PATH} line 2: the key "users" is given twice in one object`],
  ])('%j is refused with its line', async (text, expected) => {
    expect(await problemsOfText(text)).toEqual([expected])
  })

  test('may begin with a byte order mark', async () => {
    expect(await problemsOfText('\uFEFF{}')).toEqual([])
  })

  test('nested without end it is refused, not a crash', async () => {
    expect(await problemsOfText('['.repeat(100_000))).toEqual([expect.stringContaining('is not valid JSON')])
  })

  test('that cannot be read names the setting and the path', async () => {
    const readFile = async (): Promise<never> => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
    }
    const reading = readConfig({ config: PATH }, { env: {}, readFile })
    await expect(reading).rejects.toThrow(`--config: cannot read ${PATH} (EACCES)`)
  })
})
