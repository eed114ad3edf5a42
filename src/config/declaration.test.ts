import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import type { ServerConfig } from '../config.ts'
import type { DeclaredWorkspace } from '../core/workspaces/index.ts'
import { isUuid } from '../lib/ids.ts'

/** The example of the documentation: what people copy is what these tests hold. */
const operations = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
const EXAMPLE = JSON.parse(/^```json\n(.*?)^```/ms.exec(operations)?.[1] ?? 'null') as Record<string, unknown>

async function read(file: unknown, env: Record<string, string> = {}): Promise<ServerConfig> {
  return readConfig({ config: '/c.json' }, { env, readFile: async () => JSON.stringify(file) })
}

async function readWorkspace(section: object): Promise<DeclaredWorkspace | undefined> {
  const { declaration } = await read({ workspaces: [{ name: 'A', ...section }] })
  return declaration?.workspaces[0]
}

const sample = await read(EXAMPLE, { ADMIN_PASSWORD: 'correct horse' })

describe('the documented example', () => {
  test('declares its credentials under the scopes that open them', async () => {
    const keys = sample.declaration?.workspaces[0]?.keys.map(({ scope, secret, permissions }) => [
      scope,
      secret,
      permissions.join(),
    ])
    expect(keys).toEqual([
      ['workspace', '64c09614-1b2a-42f7-804d-f647243eb1ab', '*'],
      ['profile', 'b0a1c2d3-1111-4222-8333-444455556666', '*'],
      ['tracker', '5AEAA3D5-E147-C7EB-D59E-BCF50109A3D1', ''],
      ['ai', 'ai-legacy-key', ''],
      ['native', 'tk_live_example', '*'],
      ['webengage', 'we-api-key', '*'],
      ['xtremepush', 'YOUR_APPTOKEN', '*'],
      ['pyze', 'yz1Jn-0pSnekg58etEQO4A', 'app'],
      ['pyze', 'pyze-api-key', '*'],
      ['yotpo', 'secret', '*'],
    ])
  })

  test('keeps no credential among the settings', async () => {
    expect(sample.declaration?.workspaces[0]).toMatchObject({
      name: 'Shop',
      guid: '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
    })
    expect(sample.declaration?.workspaces[0]?.settings).toEqual({
      timezone: 'Europe/Warsaw',
      defaultCountry: 'PL',
      emailIdentity: 'unique',
      companyAttribute: 'company',
      corsOrigins: [],
      junkIdentifiers: {},
      ledgerDays: 30,
      changeLogDays: 0,
      exportDays: 7,
      dedupeDays: 0,
      eventDays: 0,
      eventDaysByName: [],
      tokenLifeSeconds: 3_600,
      accountConfirmation: 'automatic',
      passwordLengthMin: 6,
      passwordRequires: ['letter', 'digit', 'special'],
      identityProviders: {},
      accountRequirements: {},
      accountLinkUrl: null,
      mfaRequired: false,
      ipAllowlist: [],
      dialects: {
        webengage: { licenseCode: 'aa131650', requestsPerMinute: 500, singleRequestsPerMinute: 5000 },
        xtremepush: { autoCreateAttributes: true },
        pyze: { requiresApiKey: true },
        yotpo: { storeId: 'STORE1', requestsPerSecond: 5 },
      },
    })
  })

  test('carries users, mail and SMS, with the password from the environment', async () => {
    expect(sample.declaration?.users).toEqual([
      { email: 'admin@example.com', password: 'correct horse', role: 'owner', workspaces: ['Shop'] },
    ])
    expect(sample.mail).toEqual({ smtp: 'smtp://127.0.0.1:1025', from: 'no-reply@example.com' })
    expect(sample.sms).toEqual({ webhook: 'http://127.0.0.1:1026/sms' })
  })
})

test('an empty file declares nothing, so that what left the file is revoked', async () => {
  expect((await read({})).declaration).toEqual({ workspaces: [], users: [] })
})

test('what is left out has its documented default', async () => {
  const workspace = await readWorkspace({ webengage: { licenseCode: 'l', apiKeys: ['k'] } })
  expect(workspace?.settings).toEqual({
    timezone: 'UTC',
    defaultCountry: null,
    emailIdentity: 'unique',
    companyAttribute: 'company',
    corsOrigins: [],
    junkIdentifiers: {},
    ledgerDays: 30,
    changeLogDays: 0,
    exportDays: 7,
    dedupeDays: 0,
    eventDays: 0,
    eventDaysByName: [],
    tokenLifeSeconds: 3_600,
    accountConfirmation: 'automatic',
    passwordLengthMin: 6,
    passwordRequires: ['letter', 'digit', 'special'],
    identityProviders: {},
    accountRequirements: {},
    accountLinkUrl: null,
    mfaRequired: false,
    ipAllowlist: [],
    dialects: { webengage: { licenseCode: 'l', requestsPerMinute: 500, singleRequestsPerMinute: 5000 } },
  })
})

test('0 turns a rate limit off', async () => {
  const yotpo = { storeId: 's', secret: 'k', requestsPerSecond: 0 }
  const workspace = await readWorkspace({ yotpo })
  expect(workspace?.settings.dialects['yotpo']).toEqual({
    storeId: 's',
    requestsPerSecond: 0,
  })
})

test('a workspace without a guid has the same one at every start, and another name another one', async () => {
  const shop = await readWorkspace({ name: 'Shop' })
  const again = await readWorkspace({ name: 'Shop' })
  const other = await readWorkspace({ name: 'Shop 2' })
  expect(again?.guid).toBe(shop?.guid)
  expect(isUuid(shop?.guid ?? '')).toBe(true)
  expect(other?.guid).not.toBe(shop?.guid)
})

test('the guid of a name is the same in every release', async () => {
  expect((await readWorkspace({ name: 'Shop' }))?.guid).toBe('37113d4e-b088-8be3-9a1d-9b2b855423a1')
})

test('a key for servers may do all, one for browsers and apps nothing, unless permissions are given', async () => {
  const scopes = ['workspace', 'native', 'profile', 'tracker', 'ai'] as const
  const apiKeys = scopes.map((scope) => ({ scope, key: `k-${scope}` }))
  const workspace = await readWorkspace({ apiKeys })
  const permissions = workspace?.keys.map((key) => key.permissions)
  expect(permissions).toEqual([['*'], ['*'], [], [], []])
})

test.each(['https://shop.example.com', 'http://localhost:5173', 'https://shop.example.com:8443'])(
  'the origin %s is taken',
  async (origin) => {
    const workspace = await readWorkspace({ corsOrigins: [origin] })
    expect(workspace?.settings.corsOrigins).toEqual([origin])
  },
)

test('a guid is kept in lower case, as the database compares it', async () => {
  const workspace = await readWorkspace({ guid: '0F6D9E2B-3A1C-4C55-9A77-2A9D7F1F0A11' })
  expect(workspace?.guid).toBe('0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11')
})
