import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAccessTokens, openApiKeys, openCredentials, openKeyUses } from '../../src/core/access/index.ts'
import type { Credentials, KeyUses, NewApiKey } from '../../src/core/access/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration } from '../../src/core/workspaces/index.ts'
import { useClock } from '../../src/lib/time.ts'
import type { KeyScope } from '../../src/model/workspace.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let uses: KeyUses
let credentials: Credentials
let workspaceId: number
let present: number
let restoreClock: () => void

beforeEach(async () => {
  present = Date.UTC(2026, 0, 31)
  restoreClock = useClock(() => present)
  database = await openTestDatabase()
  const guid = '11111111-1111-4111-8111-111111111111'
  const workspaces = [{ name: 'Shop', guid, settings: DEFAULT_SETTINGS, keys: [] }]
  await applyDeclaration(database.db, { workspaces, users: [] }, 'config')
  const [row] = await rowsOf<{ id: number }>(database, 'select workspace_id as id from workspace')
  workspaceId = row?.id ?? 0
  uses = openKeyUses(database.db)
  credentials = openCredentials(database.db, uses)
})

afterEach(async () => {
  restoreClock()
  await database.close()
})

const make = (scope: KeyScope = 'native'): Promise<NewApiKey> =>
  openApiKeys(database.db).create(workspaceId, { scope })

/** As a process sees it that knows the given uses; without any, one that was just started. */
async function lastUse({ key }: NewApiKey, known?: KeyUses): Promise<number | undefined> {
  const keys = await openApiKeys(database.db, known).list(workspaceId)
  return keys.find(({ id }) => id === key.id)?.lastUsedAt
}

test('a use is seen at once in its process, and after it was saved in every other one', async () => {
  const [used, other] = [await make(), await make()]
  await credentials.authenticate(used.secret, 'native')
  expect([await lastUse(used, uses), await lastUse(used)]).toEqual([present, undefined])
  await uses.save()
  expect([await lastUse(used), await lastUse(other, uses)]).toEqual([present, undefined])
})

test('a use by a token that the key bought counts', async () => {
  const made = await make('yotpo')
  const tokens = openAccessTokens(database.db, credentials)
  const caller = await credentials.authenticate(made.secret, 'yotpo')
  const token = await tokens.issue({ ...caller, keyId: made.key.id }, 3_600)
  present += 60_000
  await tokens.authenticate(token, 'yotpo')
  expect(await lastUse(made, uses)).toBe(present)
})

test('a key that is shown where it opens nothing was not used', async () => {
  const made = await make('webengage')
  await expect(credentials.authenticate(made.secret, 'native')).rejects.toMatchObject({
    kind: 'unauthenticated',
  })
  await uses.save()
  expect(await lastUse(made, uses)).toBeUndefined()
})

test('a save writes a key only when it was used since the last one, however often it was', async () => {
  const made = await make()
  const stored = () => rowsOf(database, 'select ctid, last_used_at from api_key')
  for (let n = 0; n < 5; n++) await credentials.authenticate(made.secret, 'native')
  await uses.save()
  const once = await stored()
  await uses.save()
  expect(await stored()).toEqual(once)
  present += 60_000
  await credentials.authenticate(made.secret, 'native')
  await uses.save()
  expect(await lastUse(made)).toBe(present)
})

test('a use while a save is under way is for the next one', async () => {
  const made = await make()
  await credentials.authenticate(made.secret, 'native')
  const saving = uses.save()
  present += 1_000
  uses.note(workspaceId, made.key.id)
  await saving
  await uses.save()
  expect(await lastUse(made)).toBe(present)
})

test('an older use of another process lowers nothing', async () => {
  const made = await make()
  const others = openKeyUses(database.db)
  others.note(workspaceId, made.key.id)
  present += 1_000
  await credentials.authenticate(made.secret, 'native')
  await uses.save()
  await others.save()
  expect([await lastUse(made), await lastUse(made, others)]).toEqual([present, present])
})

test('what could not be saved is saved the next time', async () => {
  const made = await make()
  await credentials.authenticate(made.secret, 'native')
  await database.admin.query('alter table api_key rename to away')
  await expect(uses.save()).rejects.toThrow('api_key')
  await database.admin.query('alter table away rename to api_key')
  await uses.save()
  expect(await lastUse(made)).toBe(present)
})
