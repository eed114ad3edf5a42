/** Profiles: reading one, merging two, taking a merge back. */
import type { RawIdentifier } from '../../model/command.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import type { ChangeRow } from '../../storage/profile-logs.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { openOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'
import { listConsents } from './consents.ts'
import type { ConsentList, ProfileConsent } from './consents.ts'
import { listChanges } from './changes.ts'
import type { ChangeQuery } from './changes.ts'
import { deleteStoredProfile } from './delete.ts'
import type { DeletionTarget } from './delete.ts'
import { findByPhone, findProfile } from './find.ts'
import { countListed, listProfiles } from './list.ts'
import type { ProfileQuery } from './list.ts'
import { mergeStoredProfiles, previewMerge } from './merge.ts'
import type { MergeRequest } from './merge.ts'
import { listMerges } from './merges.ts'
import type { ListedMerge } from '../../storage/merges.ts'
import { unmergeStoredProfile } from './unmerge.ts'
import type { UnmergeRequest } from './unmerge.ts'
import { getProfile, holdersOf, livingProfiles, lookupProfile, profileIdsOf } from './read.ts'
import type { Profile } from './read.ts'
import { suggest } from './suggest.ts'
import type { Suggestion } from './suggest.ts'

export { PROFILE_SORTS } from '../../storage/profile-lists.ts'
export { searchRowOf } from './search-row.ts'
export { deleteInside, deleteLeftovers } from './delete.ts'
export { holdTarget, idOfTarget, idsOfTarget, seizeProfile } from './target.ts'
export type { ProfileTarget } from './target.ts'
export type { ChangeRow } from '../../storage/profile-logs.ts'
export type { ProfileQuery } from './list.ts'
export type { ProfileConsent } from './consents.ts'
export type { MergeRequest } from './merge.ts'
export type { Profile } from './read.ts'

/** What can be done with stored profiles. Every call is inside one workspace. */
export interface Profiles {
  /** See {@link getProfile}. */
  get(workspace: Workspace, profileId: number): Promise<Profile>
  /** See {@link lookupProfile}. */
  lookup(workspace: Workspace, raw: RawIdentifier): Promise<Profile>
  /** See {@link findProfile}. */
  find(workspace: Workspace, raw: RawIdentifier): Promise<Profile>
  /** See {@link holdersOf}. */
  holders(workspace: Workspace, raws: readonly RawIdentifier[]): Promise<readonly number[]>
  /** See {@link findByPhone}. */
  byPhone(workspace: Workspace, phones: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** See {@link listProfiles}. */
  list(workspace: Workspace, query: ProfileQuery): Promise<Page<Profile>>
  /** See {@link countListed}. */
  count(workspace: Workspace, where: ProfileQuery['where']): Promise<number>
  /** See {@link suggest}. */
  suggest(workspace: Workspace, suggestion: Suggestion): Promise<string[]>
  /** See {@link listChanges}. */
  changes(workspace: Workspace, profileId: number, query: ChangeQuery): Promise<Page<ChangeRow>>
  /** See {@link listConsents}. */
  consents(workspace: Workspace, list: ConsentList): Promise<ProfileConsent[]>
  /** See {@link deleteStoredProfile}. */
  delete(workspace: Workspace, target: DeletionTarget, once?: OnceRequest): Promise<void>
  /** See {@link profileIdsOf}. */
  idsOf(workspace: Workspace, profileId: number): Promise<readonly number[]>
  /** See {@link livingProfiles}. */
  living(workspace: Workspace, profileIds: readonly number[]): Promise<ReadonlyMap<number, Profile>>
  /** See {@link mergeStoredProfiles}. */
  merge(request: MergeRequest, once?: OnceRequest): Promise<void>
  /** See {@link listMerges}. */
  merges(
    workspace: Workspace,
    profileId: number,
    page: { cursor: string | undefined; limit: number },
  ): Promise<Page<ListedMerge>>
  /** See {@link previewMerge}. */
  previewMerge(request: MergeRequest): Promise<Profile>
  /** See {@link unmergeStoredProfile}. */
  unmerge(request: UnmergeRequest, once?: OnceRequest): Promise<number>
}

/** Opens profiles over a database. @param secretKey seals what is kept under an Idempotency-Key; without it none may be given */
export function openProfiles(db: Database, secretKey?: Buffer): Profiles {
  const once = openOnce(db, secretKey)
  return {
    get: (workspace, profileId) => getProfile(db, workspace, profileId),
    lookup: (workspace, raw) => lookupProfile(db, workspace, raw),
    find: (workspace, raw) => findProfile(db, workspace, raw),
    holders: (workspace, raws) => guarded(() => holdersOf(db.general, workspace, raws)),
    byPhone: (workspace, phones) => findByPhone(db, workspace, phones),
    list: (workspace, query) => listProfiles(db, workspace, query),
    count: (workspace, where) => countListed(db, workspace, where),
    suggest: (workspace, suggestion) => suggest(db, workspace, suggestion),
    changes: (workspace, profileId, query) => listChanges(db, workspace, profileId, query),
    consents: (workspace, list) => listConsents(db, workspace, list),
    delete: (workspace, target, request) => deleteStoredProfile(once(request), workspace, target),
    idsOf: (workspace, profileId) => profileIdsOf(db, workspace, profileId),
    living: (workspace, profileIds) => livingProfiles(db, workspace, profileIds),
    merge: (merge, request) => mergeStoredProfiles(once(request), merge),
    merges: (workspace, profileId, page) => listMerges(db, workspace, profileId, page),
    previewMerge: (request) => previewMerge(db, request),
    unmerge: (unmerge, request) => unmergeStoredProfile(once(request), unmerge),
  }
}
