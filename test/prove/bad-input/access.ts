import type { TestDatabase } from '../../setup/database.ts'

/**
 * Who may do what. Requests made by chance also end keys, users and roles, and lock out who guesses; a proof that is locked out
 * proves nothing any more.
 */
const ACCESS = [
  ['api_key', 'access_token', 'domain_key', 'session', 'signing_key'],
  ['user_account', 'user_workspace', 'user_totp', 'user_recovery_code', 'user_device', 'workspace_role'],
  ['workspace', 'account', 'account_identity', 'attempt'],
].flat()

/** Remembers who may do what, and gives it back later. */
export async function rememberAccess({ admin }: Pick<TestDatabase, 'admin'>): Promise<() => Promise<void>> {
  await admin.query('create schema remembered')
  for (const table of ACCESS) await admin.query(`create table remembered."${table}" as table "${table}"`)
  const restore = ACCESS.flatMap((table) => [
    `delete from "${table}"`,
    `insert into "${table}" select * from remembered."${table}"`,
  ])
  return async () => void (await admin.query(`begin; ${restore.join('; ')}; commit`))
}
