import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openApiKeys, openCredentials } from '../../src/core/access/index.ts'
import type { ApiKeys } from '../../src/core/access/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration } from '../../src/core/workspaces/index.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let keys: ApiKeys
let shopId: number
let otherId: number

const SHOP_KEY = { scope: 'native', secret: 'tk_declared_key_of_the_shop', permissions: ['*'] } as const

beforeAll(async () => {
  database = await openTestDatabase()
  keys = openApiKeys(database.db)
  const workspace = (name: string, guid: string, declared: readonly (typeof SHOP_KEY)[]) => ({
    name,
    guid,
    settings: DEFAULT_SETTINGS,
    keys: declared,
  })
  const workspaces = [
    workspace('Shop', '11111111-1111-4111-8111-111111111111', [SHOP_KEY]),
    workspace('Other', '22222222-2222-4222-8222-222222222222', []),
  ]
  await applyDeclaration(database.db, { workspaces, users: [] }, 'config')
})

beforeEach(async () => {
  const rows = await rowsOf<{ id: number }>(
    database,
    'select workspace_id as id from workspace order by name desc',
  )
  ;[shopId = 0, otherId = 0] = rows.map(({ id }) => id)
})

afterAll(async () => database.close())

const opens = async (secret: string): Promise<number | undefined> =>
  openCredentials(database.db)
    .authenticate(secret, 'native')
    .then(
      ({ workspace }) => workspace.id,
      () => undefined,
    )

test('a key that was made opens its workspace, and only its hash is stored', async () => {
  const { key, secret } = await keys.create(shopId, { scope: 'native', permissions: ['profiles:read'] })
  expect(secret).toMatch(/^tk_[\w-]{32}$/)
  expect(key).toMatchObject({ prefix: secret.slice(0, 4), permissions: ['profiles:read'], managedBy: 'api' })
  expect(await opens(secret)).toBe(shopId)
  const stored = JSON.stringify(await rowsOf(database, 'select t::text as text from api_key t'))
  expect(stored).not.toContain(secret)
  expect(await keys.list(shopId)).toContainEqual(key)
  expect(await keys.list(otherId)).toEqual([])
})

test('a key for servers may do all, a key that anybody can read nothing, unless it is told', async () => {
  const all = await keys.create(shopId, { scope: 'workspace' })
  const none = await keys.create(shopId, { scope: 'tracker' })
  expect([all.key.permissions, none.key.permissions]).toEqual([['*'], []])
})

test('a given secret is taken when it is free and of the right form', async () => {
  const secret = 'a-secret-of-my-own'
  expect((await keys.create(shopId, { scope: 'native', secret })).secret).toBe(secret)
  for (const workspaceId of [shopId, otherId]) {
    const again = keys.create(workspaceId, { scope: 'native', secret })
    await expect(again).rejects.toMatchObject({ code: 'CDP_API_KEY_TAKEN' })
  }
  const spaced = keys.create(shopId, { scope: 'native', secret: 'with space' })
  await expect(spaced).rejects.toMatchObject({ code: 'CDP_BODY_INVALID', pointer: '/secret' })
  const permission = keys.create(shopId, { scope: 'native', permissions: ['ok', ''] })
  await expect(permission).rejects.toMatchObject({ pointer: '/permissions/1' })
})

test('a revoked key opens nothing, and its secret is free again', async () => {
  const { key, secret } = await keys.create(shopId, { scope: 'native' })
  await keys.revoke(shopId, key.id)
  expect(await opens(secret)).toBeUndefined()
  await expect(keys.revoke(shopId, key.id)).rejects.toMatchObject({ code: 'CDP_API_KEY_NOT_FOUND' })
  expect((await keys.create(otherId, { scope: 'native', secret })).secret).toBe(secret)
})

test('a rotated key gives its scope and permissions to the new one and ends at once', async () => {
  const { key, secret } = await keys.create(shopId, { scope: 'native', permissions: ['stats:read'] })
  const next = await keys.rotate(shopId, key.id)
  expect(next.key).toMatchObject({ scope: 'native', permissions: ['stats:read'] })
  expect(next.key.id).not.toBe(key.id)
  expect([await opens(secret), await opens(next.secret)]).toEqual([undefined, shopId])
})

test('a key of another workspace is not found, one that the file declares is read-only', async () => {
  const { key } = await keys.create(shopId, { scope: 'native' })
  await expect(keys.revoke(otherId, key.id)).rejects.toMatchObject({ code: 'CDP_API_KEY_NOT_FOUND' })
  const declared = (await keys.list(shopId)).find(({ managedBy }) => managedBy === 'config')
  for (const change of [keys.revoke, keys.rotate]) {
    await expect(change(shopId, declared?.id ?? 0)).rejects.toMatchObject({ code: 'CDP_MANAGED_BY_CONFIG' })
  }
  expect(await opens(SHOP_KEY.secret)).toBe(shopId)
})

test('what is changed while a credential is being looked up is not remembered as it was', async () => {
  const { key, secret } = await keys.create(shopId, { scope: 'native' })
  const credentials = openCredentials(database.db)
  const looking = credentials.authenticate(secret, 'native')
  credentials.forget()
  await looking
  await keys.revoke(shopId, key.id)
  await expect(credentials.authenticate(secret, 'native')).rejects.toMatchObject({ code: 'CDP_KEY_UNKNOWN' })
})
