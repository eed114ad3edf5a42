import type { RawIdentifier } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import type { Database } from '../../storage/db.ts'
import { guarded } from '../../storage/db.ts'
import { findNewestByPhone } from '../../storage/profile-search.ts'
import { listProfiles } from './list.ts'
import { lookupProfile } from './read.ts'
import type { Profile } from './read.ts'
import { phoneKey, searchable } from './search-row.ts'

/**
 * The profile that an identifier leads to; for a contact that identifies nobody, the newest profile that has it.
 * @assumed of several profiles with one phone number the newest is meant (design.md, section 6)
 * @throws CDP_PROFILE_NOT_FOUND
 */
export async function findProfile(db: Database, workspace: Workspace, raw: RawIdentifier): Promise<Profile> {
  try {
    return await lookupProfile(db, workspace, raw)
  } catch (error) {
    const isContact = raw.kind === 'phone' || raw.kind === 'email'
    if (!isContact || !(error instanceof CdpError) || error.code !== 'CDP_PROFILE_NOT_FOUND') throw error
    const [newest] = await newestWith(db, workspace, raw)
    if (!newest) throw error
    return newest
  }
}

async function newestWith(
  db: Database,
  workspace: Workspace,
  { kind, value }: RawIdentifier,
): Promise<readonly Profile[]> {
  const { items } = await listProfiles(db, workspace, {
    where: { equals: { [kind]: value } },
    sort: { by: 'createdAt', order: 'desc' },
    page: { limit: 1, offset: 0 },
  })
  return items
}

/**
 * The newest profile that has each phone number, identifier or not, by the number as it was asked for; numbers that nobody has
 * are missing. One read for all of them.
 */
export async function findByPhone(
  db: Database,
  workspace: Workspace,
  phones: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const keys = new Map(phones.map((phone) => [phone, phoneKey(searchable(phone) ?? '', workspace.settings)]))
  const rows = await guarded(() => findNewestByPhone(db.general, workspace.id, [...new Set(keys.values())]))
  const holders = new Map(rows.map(({ phone, profileId }) => [phone, profileId]))
  return new Map(
    [...keys].flatMap(([phone, key]) => {
      const holder = holders.get(key)
      return holder === undefined ? [] : [[phone, holder] as const]
    }),
  )
}
