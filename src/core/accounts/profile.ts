import { hasAccount } from '../../storage/accounts.ts'
import { guarded } from '../../storage/db.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import type { AccountsContext } from './context.ts'
import type { Profile } from '../profiles/index.ts'

/** What was asked for, or undefined where there is no such profile. */
export async function ifFound(asked: Promise<Profile>): Promise<Profile | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CdpError && error.code === 'CDP_PROFILE_NOT_FOUND') return undefined
    throw error
  }
}

/**
 * The profile's id while it is nobody's: nothing says who the person is, and no account is on it, also none that waits for its
 * proof. Whoever knows a uuid or holds a device must not get onto the profile of somebody else.
 */
export async function idIfNobodys(
  { db, profiles }: Pick<AccountsContext, 'db' | 'profiles'>,
  workspace: Workspace,
  { id, identifiers }: Profile,
): Promise<number | undefined> {
  if (identifiers.some(({ kind }) => kind === 'email' || kind === 'userId')) return undefined
  const ids = await profiles.idsOf(workspace, id)
  return (await guarded(() => hasAccount(db.general, workspace.id, ids))) ? undefined : id
}
