import { CdpError } from '../../model/errors.ts'
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

/** Whether nothing says who the person is. */
export function isAnonymous({ identifiers }: Profile): boolean {
  return identifiers.every(({ kind }) => kind !== 'email' && kind !== 'userId')
}
