import type { FastifyRequest } from 'fastify'
import type { ProfileQuery } from '../../../core/profiles/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { CdpError } from '../../../model/errors.ts'
import { contactField, showContact } from './fields.ts'
import type { AutocompleteQuery, ContactListQuery, MemberListQuery } from './schemas.ts'

/** @source reference 0.9 */
const LIMIT_DEFAULT = 25

/** @assumed no maximum is printed */
const LIMIT_MAX = 1_000

/** The format is int32. */
const OFFSET_MAX = 2 ** 31 - 1

type Where = ProfileQuery['where']

const RECOGNIZED: Readonly<Record<string, boolean | undefined>> = {
  RECOGNIZED: true,
  true: true,
  ANONYMOUS: false,
  false: false,
}

/** Which profiles a filter leaves: those with an e-mail, those without, or undefined for both. @source reference 0.9 */
export function hasEmailOf(recognized = 'NONE'): boolean | undefined {
  return RECOGNIZED[recognized]
}

/** The part of a list that a query asks for. @throws CDP_QUERY_INVALID @source reference 0.9 */
export function pageOf(query: MemberListQuery): { limit: number; offset: number } {
  const limit = numberOf(query.limit, 'limit', { min: 1, max: LIMIT_MAX }) ?? LIMIT_DEFAULT
  return { limit, offset: offsetOf(query) }
}

/** The index of the first item that a query asks for. @throws CDP_QUERY_INVALID */
export function offsetOf({ offset }: Pick<MemberListQuery, 'offset'>): number {
  return numberOf(offset, 'offset', { min: 0, max: OFFSET_MAX }) ?? 0
}

/**
 * A page of contacts. `all` counts the whole set, `matching` what the search and the filter leave of it: exact up to 10,000,
 * an estimate above.
 * @param set the whole set
 * @assumed without sortBy the newest come first
 * @source reference 0.9, ContactPage
 */
export async function listContacts(services: Services, request: FastifyRequest, set: Where): Promise<object> {
  const { workspace } = callerOf(request)
  const query = request.query as ContactListQuery
  const { limit, offset } = pageOf(query)
  const hasEmail = hasEmailOf(query.recognized)
  const filter: Where = { ...searchOf(query.search), ...(hasEmail !== undefined && { hasEmail }) }
  const isFiltered = Object.keys(filter).length > 0
  const where = { ...set, ...filter }
  const isWhole = Object.keys(set).length === 0
  const countAll = async (): Promise<number> =>
    isWhole ? (await services.statistics(workspace.id)).profiles : services.profiles.count(workspace, set)
  const [page, all, counted] = await Promise.all([
    services.profiles.list(workspace, { where, sort: sortOf(query.sortBy), page: { limit, offset } }),
    countAll(),
    isFiltered ? services.profiles.count(workspace, where) : undefined,
  ])
  return { customers: page.items.map(showContact), all, limit, offset, matching: counted ?? all }
}

/** @throws CDP_QUERY_INVALID */
function sortOf(sortBy: string | undefined): ProfileQuery['sort'] {
  if (sortBy === undefined) return { by: 'createdAt', order: 'desc' }
  const [name = '', order = ''] = sortBy.split(':')
  const by = contactField(name)?.lists
  if (by) return { by, order: order.toLowerCase() === 'asc' ? 'asc' : 'desc' }
  throw new CdpError('CDP_QUERY_INVALID', {
    pointer: '/sortBy',
    detail: 'sortBy: is nothing to sort by',
  })
}

/** Fields whose values are identifiers: a search finds who holds one. */
const IDENTIFIERS = new Set(['id', 'uuid', 'customId', 'custom_identify'])

/**
 * `field:value` asks for profiles with this very value, in whatever case; anything else for a text that occurs somewhere.
 * @assumed values are compared whole; a custom attribute is compared as text
 * @source reference 0.9
 */
function searchOf(search: string | undefined): Where {
  if (search === undefined || search.trim() === '') return {}
  const [, name, value] = /^([\w.$-]+):(.*)$/s.exec(search) ?? []
  if (name === undefined || value === undefined) return { search: search.trim() }
  if (IDENTIFIERS.has(name)) return { search: value.trim() }
  const lists = contactField(name)?.lists
  if (lists === undefined || lists === 'createdAt' || lists === 'lastActivityAt')
    return { attribute: { name, value } }
  return { equals: { [lists]: value } }
}

/** @assumed no maximum is printed */
const SUGGESTIONS_MAX = 100

/** @source reference, Get autocomplete suggestions */
const SUGGESTIONS_DEFAULT = 10

/** Values that begin with a prefix, the likest first. @source reference, Get autocomplete suggestions */
export async function autocomplete(services: Services, request: FastifyRequest): Promise<object> {
  const { field, prefix, limit: asked } = request.query as AutocompleteQuery
  const limit = numberOf(asked, 'limit', { min: 1, max: SUGGESTIONS_MAX }) ?? SUGGESTIONS_DEFAULT
  const attribute = contactField(field)?.lists ?? field
  const entries = await services.profiles.suggest(callerOf(request).workspace, { attribute, prefix, limit })
  return { entries }
}

/** A number of a query; undefined where it has none. @throws CDP_QUERY_INVALID */
export function numberOf(
  text: string | undefined,
  name: string,
  { min, max }: { min: number; max: number },
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (value >= min && value <= max) return value
  throw new CdpError('CDP_QUERY_INVALID', {
    pointer: `/${name}`,
    detail: `${name}: must be ${min} to ${max}`,
  })
}
