import type { FastifyRequest } from 'fastify'
import type { ProfileQuery } from '../../../core/profiles/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { CdpError } from '../../../model/errors.ts'
import type { ClientListQuery } from './schemas.ts'
import { showProfile } from './show.ts'

/** @assumed default and maximum of a page are not printed (reference 8.7) */
const PAGE_SIZE_DEFAULT = 100

const PAGE_SIZE_MAX = 1_000

const PAGE_INDEX_MAX = 1_000_000

/** The vendor's words for what a list is sorted by. */
const SORTS = {
  firstName: 'firstName',
  lastName: 'lastName',
  lastActivityDate: 'lastActivityAt',
  email: 'email',
  city: 'city',
  phone: 'phone',
} as const satisfies Record<string, ProfileQuery['sort']['by']>

/**
 * A page of profiles as a bare array.
 * @assumed filters compare whole texts without regard to case; without sortBy the newest come first
 * @source reference, List profiles
 */
export async function listClients(services: Services, request: FastifyRequest): Promise<object[]> {
  const query = request.query as ClientListQuery
  const limit = numberOf(query.pageSize, 'pageSize', PAGE_SIZE_MAX) ?? PAGE_SIZE_DEFAULT
  const pageIndex = numberOf(query.pageIndex, 'pageIndex', PAGE_INDEX_MAX) ?? 1
  const anonymous = query['filters[anonymous]']
  const order = query.sortOrder === 'DESC' ? 'desc' : 'asc'
  const page = await services.profiles.list(callerOf(request).workspace, {
    where: {
      equals: {
        firstName: query['filters[firstName]'],
        lastName: query['filters[lastName]'],
        email: query['filters[email]'],
        phone: query['filters[phone]'],
      },
      hasEmail: anonymous === 'true' ? false : undefined,
    },
    sort: query.sortBy ? { by: SORTS[query.sortBy], order } : { by: 'createdAt', order: 'desc' },
    page: { limit, offset: (pageIndex - 1) * limit },
  })
  return page.items.map(showProfile)
}

function numberOf(text: string | undefined, name: string, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (value >= 1 && value <= max) return value
  throw new CdpError('CDP_QUERY_INVALID', { pointer: `/${name}`, detail: `must be 1 to ${max}` })
}
