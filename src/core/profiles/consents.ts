import type { Consent } from '../../model/attributes.ts'
import type { Workspace } from '../../model/workspace.ts'
import { findGivenConsents } from '../../storage/consent-lists.ts'
import type { ConsentQuery } from '../../storage/consent-lists.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { livingProfiles } from './read.ts'
import type { Profile } from './read.ts'

/** Which answers of people, by when they were given. */
export type ConsentList = Omit<ConsentQuery, 'workspaceId'>

/** An answer as it stands, and who gave it. */
export interface ProfileConsent {
  profile: Profile
  consent: Consent
}

/** Answers that stand, the oldest first. One that was outdone since is left out, so a page may be shorter than asked for. */
export async function listConsents(
  db: Database,
  workspace: Workspace,
  list: ConsentList,
): Promise<ProfileConsent[]> {
  const given = await guarded(() => findGivenConsents(db.general, { ...list, workspaceId: workspace.id }))
  const profiles = await livingProfiles(db, workspace, [...new Set(given.map(({ profileId }) => profileId))])
  return given.flatMap(({ profileId, channel, at }) => {
    const profile = profiles.get(profileId)
    const consent = profile?.consents.find((one) => one.channel === channel && one.at === at)
    return profile && consent ? [{ profile, consent }] : []
  })
}
