import { decodeCursor } from '../../lib/cursor.ts'
import { cutPage, foreignCursor } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Population } from '../../model/population.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { countProfiles, findProfileIds } from '../../storage/profile-lists.ts'
import type { ListFilter, ListPlace, ProfileFilter, ProfileSort } from '../../storage/profile-lists.ts'
import { normalizeIdentifier } from '../identity/index.ts'
import { findIdentifiers } from '../../storage/identifiers.ts'
import { profileIdsOf, readProfiles } from './read.ts'
import type { Profile } from './read.ts'
import { phoneKey, searchable } from './search-row.ts'

/** Which profiles, in which order, which part of them. Texts are compared without regard to case. */
export interface ProfileQuery {
  where: {
    /**
     * Text that occurs anywhere in names, e-mail, phone, company or texts of custom attributes, or one of the person's
     * identifiers; of one or two letters the beginning of a word.
     */
    search?: string | undefined
    equals?: Readonly<Partial<Record<ProfileFilter, string | undefined>>>
    /** A custom attribute with this value as text. No index helps. */
    attribute?: { name: string; value: string } | undefined
    hasEmail?: boolean | undefined
    /** Only companies. */
    isCompany?: boolean
    /** Only members of this company. */
    companyId?: number
    /** Only who belongs to a segment. */
    population?: Population | undefined
  }
  sort: { by: ProfileSort; order: 'asc' | 'desc' }
  page: { limit: number; offset: number } | { limit: number; cursor: string | undefined }
}

/** Up to here totals of lists are exact. */
const TOTAL_EXACT_MAX = 10_000

/** The profiles that a query asks for. @throws CDP_QUERY_INVALID the cursor is not one of this list */
export async function listProfiles(
  db: Database,
  workspace: Workspace,
  query: ProfileQuery,
): Promise<Page<Profile>> {
  const { sort, page, where } = query
  const { limit } = page
  return guarded(async () => {
    const found = await findProfileIds(poolFor(db, where), {
      ...(await filterOf(db, workspace, where)),
      sort,
      after: 'cursor' in page ? placeOf(page.cursor, sort) : undefined,
      offset: 'offset' in page ? page.offset : 0,
      // One more than asked for only tells that there is a next page.
      limit: limit + 1,
    })
    const { items, nextCursor } = cutPage(found, limit, ({ value, profileId }) => [
      sort.by,
      sort.order,
      value === null ? 0 : 1,
      value ?? '',
      profileId,
    ])
    const ids = items.map(({ profileId }) => profileId)
    return { items: await readProfiles(db.general, workspace.id, ids), nextCursor }
  })
}

/** How many profiles there are: exact up to 10,000, an estimate above. @throws CDP_PROFILE_NOT_FOUND no such company */
export async function countListed(
  db: Database,
  workspace: Workspace,
  where: ProfileQuery['where'],
): Promise<number> {
  return guarded(async () =>
    countProfiles(poolFor(db, where), await filterOf(db, workspace, where), TOTAL_EXACT_MAX),
  )
}

/** What is computed may take longer than other lists. */
function poolFor(db: Database, { population }: ProfileQuery['where']): Database['general'] {
  return population?.source === 'computed' ? db.analysis : db.general
}

async function filterOf(
  db: Database,
  workspace: Workspace,
  {
    search,
    equals = {},
    attribute,
    hasEmail,
    isCompany = false,
    companyId,
    population,
  }: ProfileQuery['where'],
): Promise<ListFilter> {
  return {
    workspaceId: workspace.id,
    search: search?.toLowerCase(),
    foundIds: search === undefined ? [] : await holdersOf(db, workspace, search),
    equals: filtersOf(equals, workspace),
    attribute: attribute && { ...attribute, value: attribute.value.toLowerCase() },
    hasEmail,
    isCompany,
    companyIds: companyId === undefined ? undefined : await profileIdsOf(db, workspace, companyId),
    population,
  }
}

/** Kinds of identifiers that people paste into a search. */
const SEARCHED_KINDS = ['userId', 'email', 'phone', 'uuid', 'anonymousId', 'deviceId'] as const

/** Who holds the text as an identifier, of whatever kind: no search of texts is as fast as that. */
async function holdersOf(db: Database, { id, settings }: Workspace, search: string): Promise<number[]> {
  const keys = SEARCHED_KINDS.flatMap((kind) => {
    const normalized = normalizeIdentifier({ kind, value: search }, settings)
    return normalized.outcome === 'usable' ? [{ workspaceId: id, ...normalized.identifier }] : []
  })
  return (await findIdentifiers(db.general, keys)).map(({ profileId }) => profileId)
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

function placeOf(cursor: string | undefined, sort: ProfileQuery['sort']): ListPlace | undefined {
  if (cursor === undefined) return undefined
  const [by, order, hasValue, value, profileId] = decodeCursor(cursor) ?? []
  const isOurs = by === sort.by && order === sort.order && Number.isSafeInteger(profileId)
  if (isOurs && typeof value === 'string')
    return { value: hasValue === 1 ? value : null, profileId: Number(profileId) }
  throw foreignCursor()
}
