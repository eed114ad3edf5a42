import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  checkSecretKey,
  openCredentials,
  openSessions,
  openSigningKeys,
  openTokens,
  openWorkspaceSecrets,
  reseal,
  rotateSigningKey,
  unsealSecret,
} from '../../src/core/access/index.ts'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { runOnce } from '../../src/core/idempotency/index.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeWorkspace } from '../setup/ingest.ts'

const OLD = Buffer.alloc(32, 1)
const NEW = Buffer.alloc(32, 2)
const KIND = { issuer: 'Synerise', audience: 'API', realm: 'client' }

let database: TestDatabase

beforeEach(async () => {
  database = await openTestDatabase()
})

afterEach(() => database.close())

/** The tokens of a process that has just started. */
const openProcess = (secretKey: Buffer): ReturnType<typeof openTokens> => {
  const { db } = database
  return openTokens(openSigningKeys(db, secretKey), openCredentials(db), openSessions(db))
}

const issue = async (secretKey: Buffer): Promise<string> => {
  const workspace = makeWorkspace()
  const session = await openSessions(database.db).begin({
    kind: 'anonymous',
    workspaceId: workspace.id,
    userId: undefined,
    profileId: 1,
    accountId: undefined,
    apiKeyId: 1,
    deviceId: undefined,
    confirmedAt: undefined,
    expiresAt: Date.now() + 3_600_000,
  })
  const claims = { subject: 1, email: undefined, permissions: [], workspace, keyId: 1 }
  return openProcess(secretKey).issueFor(session, claims, KIND)
}

it('a token that an older key signed stays valid, new ones are signed by the new key, and old keys are published', async () => {
  const before = await issue(OLD)
  const kid = await rotateSigningKey(database.db, OLD)
  const after = await issue(OLD)
  const kidOf = (token: string): unknown =>
    (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid
  expect([kidOf(before) === kid, kidOf(after)]).toEqual([false, kid])
  const process = openProcess(OLD)
  for (const token of [before, after]) expect((await process.read(token, [KIND])).subject).toBe(1)
  const { keys } = await openSigningKeys(database.db, OLD).jwks()
  expect(keys.map((key) => key.kid)).toEqual([kid, kidOf(before)])
})

it('everything is sealed under another key, and the old one opens nothing any more', async () => {
  const { db } = database
  const token = await issue(OLD)
  await openWorkspaceSecrets(db, OLD).save(1, { name: 'facebook', secret: 'app secret' }, COMMAND_LINE)
  expect(await reseal(db, OLD, NEW)).toBe(2)
  expect(await unsealSecret(db, NEW, 1, 'facebook')).toBe('app secret')
  await expect(unsealSecret(db, OLD, 1, 'facebook')).rejects.toMatchObject({ code: 'CDP_SECRET_KEY_WRONG' })
  await expect(checkSecretKey(db, OLD)).rejects.toMatchObject({ code: 'CDP_SECRET_KEY_WRONG' })
  await checkSecretKey(db, NEW)
  expect((await openProcess(NEW).read(token, [KIND])).subject).toBe(1)
})

it('the outcome of a request with an Idempotency-Key is given again after the secret key changed', async () => {
  const { db } = database
  const request = { workspaceId: 1, dialect: 'native', operation: 'create-key', key: 'k', body: '{}' }
  const runs: string[] = []
  const run = (secretKey: Buffer): Promise<{ secret: string }> =>
    runOnce(db, secretKey, request, () => {
      runs.push('run')
      return Promise.resolve({ secret: 'shown once' })
    })
  const first = await run(OLD)
  await reseal(db, OLD, NEW)
  expect(await run(NEW)).toEqual(first)
  expect(runs).toHaveLength(1)
})

it('a key that does not open what is stored changes nothing', async () => {
  const { db } = database
  await openWorkspaceSecrets(db, OLD).save(1, { name: 'facebook', secret: 'app secret' }, COMMAND_LINE)
  await expect(reseal(db, NEW, OLD)).rejects.toMatchObject({ code: 'CDP_SECRET_KEY_WRONG' })
  expect(await unsealSecret(db, OLD, 1, 'facebook')).toBe('app secret')
})
