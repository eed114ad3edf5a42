import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { openCredentials } from '../../src/core/access/index.ts'
import { applyDeclaration, openWorkspaces } from '../../src/core/workspaces/index.ts'
import type { Declaration } from '../../src/core/workspaces/index.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(async () => database.close())

const SHOP = {
  name: 'Shop',
  apiKeys: [{ scope: 'native', key: 'tk_native_key_of_the_shop' }],
  webengage: { licenseCode: 'lc', apiKeys: ['we_key_of_the_shop'], requestsPerMinute: 0 },
}
const ADMIN = { email: 'Admin@example.com', password: 'correct horse', role: 'owner', workspaces: ['Shop'] }

/** A file as the server reads it. */
async function declarationOf(file: object): Promise<Declaration> {
  const readFile = async (): Promise<string> => JSON.stringify(file)
  const { declaration } = await readConfig({ config: '/tributary.json' }, { env: {}, readFile })
  if (!declaration) throw new Error('a file always declares something')
  return declaration
}

async function apply(file: object): Promise<void> {
  await applyDeclaration(database.db, await declarationOf(file), 'config')
}

/** Everything that a declaration can change. */
async function snapshot(): Promise<unknown[]> {
  const tables = ['workspace', 'api_key', 'user_account', 'user_workspace']
  const rows: unknown[] = []
  for (const table of tables) rows.push(await rowsOf(database, `select * from ${table} order by 1, 2`))
  return rows
}

test('the configuration file opens its credentials, each in its own scope only', async () => {
  await apply({ workspaces: [SHOP], users: [ADMIN] })
  const credentials = openCredentials(database.db)
  const caller = await credentials.authenticate('we_key_of_the_shop', 'webengage')
  expect(caller.workspace).toMatchObject({
    name: 'Shop',
    settings: { dialects: { webengage: { licenseCode: 'lc' } } },
  })
  expect(caller.permissions).toEqual(['*'])
  await expect(credentials.authenticate('we_key_of_the_shop', 'native')).rejects.toMatchObject({
    code: 'CDP_KEY_UNKNOWN',
  })
})

test('applying the same file twice changes nothing', async () => {
  await apply({ workspaces: [SHOP], users: [ADMIN] })
  const before = await snapshot()
  await apply({ workspaces: [SHOP], users: [ADMIN] })
  expect(await snapshot()).toEqual(before)
  expect(before).not.toContainEqual([])
})

test('no secret of the file is stored in the clear', async () => {
  await apply({ workspaces: [SHOP], users: [ADMIN] })
  const stored = JSON.stringify(await snapshot())
  expect(stored).not.toContain('key_of_the_shop')
  expect(stored).not.toContain(ADMIN.password)
})

test('what leaves the file is revoked, and opens again when it comes back', async () => {
  const { webengage, ...withoutVendor } = SHOP
  await apply({ workspaces: [withoutVendor], users: [ADMIN] })
  const authenticate = async (): Promise<unknown> =>
    openCredentials(database.db).authenticate(webengage.apiKeys[0] ?? '', 'webengage')
  await expect(authenticate()).rejects.toMatchObject({ code: 'CDP_KEY_UNKNOWN' })
  await apply({ workspaces: [SHOP], users: [ADMIN] })
  await expect(authenticate()).resolves.toMatchObject({ scope: 'webengage' })
})

test('a workspace that left the file is archived: its credentials open nothing', async () => {
  const other = { name: 'Other', apiKeys: [{ scope: 'native', key: 'tk_other' }] }
  await apply({ workspaces: [SHOP, other] })
  await apply({ workspaces: [SHOP] })
  const reading = openCredentials(database.db).authenticate('tk_other', 'native')
  await expect(reading).rejects.toMatchObject({ code: 'CDP_KEY_UNKNOWN' })
})

test('the file leaves alone what was made elsewhere', async () => {
  const elsewhere = { name: 'Elsewhere', apiKeys: [{ scope: 'native', key: 'tk_elsewhere' }] }
  await applyDeclaration(database.db, await declarationOf({ workspaces: [elsewhere] }), 'start')
  await apply({ workspaces: [SHOP] })
  const caller = await openCredentials(database.db).authenticate('tk_elsewhere', 'native')
  expect(caller.workspace.name).toBe('Elsewhere')
})

test('a name in the file that a workspace of the API has is an error of the start that says what to do', async () => {
  const { db } = database
  const vendors = {}
  const workspaces = openWorkspaces({ db, secretKey: Buffer.alloc(32), vendors, onChange: () => undefined })
  const { workspace, secret } = await workspaces.create({ name: 'Made at run time' })
  await expect(apply({ workspaces: [SHOP, { name: 'Made at run time' }] })).rejects.toMatchObject({
    code: 'CDP_CONFIG_INVALID',
    message: expect.stringContaining('another workspace named "Made at run time"') as string,
  })
  await apply({ workspaces: [SHOP] })
  const caller = await openCredentials(db).authenticate(secret, 'native')
  expect(caller.workspace).toMatchObject({ guid: workspace.guid, name: 'Made at run time' })
})
