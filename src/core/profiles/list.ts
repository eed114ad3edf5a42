import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { foreignCursor } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findProfileIds } from '../../storage/profile-search.ts'
import type { ProfileFilter, ProfileSort, SearchPlace } from '../../storage/profile-search.ts'
import { readProfiles } from './read.ts'
import type { Profile } from './read.ts'
import { phoneKey, searchable } from './search-row.ts'

/** Which profiles, in which order, which part of them. Texts are compared without regard to case. */
export interface ProfileQuery {
  where: {
    /** Text that occurs anywhere in names, e-mail, phone or company. */
    search?: string | undefined
    equals?: Readonly<Partial<Record<ProfileFilter, string | undefined>>>
    hasEmail?: boolean | undefined
  }
  sort: { by: ProfileSort; order: 'asc' | 'desc' }
  page: { limit: number; offset: number } | { limit: number; cursor: string | undefined }
}

/** The profiles that a query asks for. @throws CDP_QUERY_INVALID the cursor is not one of this list */
export async function listProfiles(
  db: Database,
  workspace: Workspace,
  query: ProfileQuery,
): Promise<Page<Profile>> {
  const { sort, page, where } = query
  const { limit } = page
  return guarded(async () => {
    const found = await findProfileIds(db.general, {
      workspaceId: workspace.id,
      search: where.search === undefined ? undefined : where.search.toLowerCase(),
      equals: filtersOf(where.equals ?? {}, workspace),
      hasEmail: where.hasEmail,
      sort,
      after: 'cursor' in page ? placeOf(page.cursor, sort) : undefined,
      offset: 'offset' in page ? page.offset : 0,
      // One more than asked for only tells that there is a next page.
      limit: limit + 1,
    })
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    const more = found.length > limit && last
    const nextCursor = more
      ? encodeCursor([sort.by, sort.order, last.value === null ? 0 : 1, last.value ?? '', last.profileId])
      : null
    const ids = shown.map(({ profileId }) => profileId)
    return { items: await readProfiles(db.general, workspace.id, ids), nextCursor }
  })
}

function filtersOf(
  equals: NonNullable<ProfileQuery['where']['equals']>,
  { settings }: Workspace,
): Partial<Record<ProfileFilter, string>> {
  const entries = Object.entries(equals).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    const text = searchable(value) ?? ''
    return [[name, name === 'phone' ? phoneKey(text, settings) : text]]
  })
  return Object.fromEntries(entries)
}

function placeOf(cursor: string | undefined, sort: ProfileQuery['sort']): SearchPlace | undefined {
  if (cursor === undefined) return undefined
  const [by, order, hasValue, value, profileId] = decodeCursor(cursor) ?? []
  const isOurs = by === sort.by && order === sort.order && Number.isSafeInteger(profileId)
  if (isOurs && typeof value === 'string')
    return { value: hasValue === 1 ? value : null, profileId: Number(profileId) }
  throw foreignCursor()
}
