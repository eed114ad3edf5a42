import type { FastifyRequest } from 'fastify'
import type { EventRow } from '../../../core/events/index.ts'
import type { Profile } from '../../../core/profiles/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { now } from '../../../lib/time.ts'
import type { Instant } from '../../../lib/time.ts'
import { CdpError } from '../../../model/errors.ts'
import { personOf } from '../accounts/origin.ts'
import { clientIdOf } from '../clients/routes.ts'
import { showEventClient } from '../clients/show.ts'
import { readTime } from '../shared/time.ts'
import { showEvent } from './mapping.ts'
import type { EventListQuery } from './schemas.ts'

const LIMIT_MAX = 500

/** @assumed how many events are given where no limit is asked for; newest first */
const LIMIT_DEFAULT = 100

/**
 * Events of the profile that the path names.
 * @assumed a profile that does not exist has no events: the operation lists no 404 (reference, E2)
 */
export async function listClientEvents(services: Services, request: FastifyRequest): Promise<object[]> {
  const query = queryOf(request)
  const { workspace } = callerOf(request)
  const profile = await services.profiles.get(workspace, clientIdOf(request)).catch(noneFound)
  return profile && profile.mergedFrom === undefined ? eventsOf(services, request, profile, query) : []
}

/** Events of the profile that is calling; it may have been merged into another since its login. */
export async function listOwnEvents(services: Services, request: FastifyRequest): Promise<object[]> {
  const query = queryOf(request)
  const { workspace } = callerOf(request)
  const profile = await services.profiles.get(workspace, personOf(request).profileId)
  return eventsOf(services, request, profile, query)
}

/**
 * Events of the whole workspace.
 * @assumed real clients call it, and nothing says what it gives: the events of all profiles, by the query of one profile's
 * @source real-clients 10
 */
export async function listAllEvents(services: Services, request: FastifyRequest): Promise<object[]> {
  const { workspace } = callerOf(request)
  const events = await services.events.newest({ workspaceId: workspace.id, ...queryOf(request) })
  const profiles = await services.profiles.living(
    workspace,
    events.map(({ profileId }) => profileId),
  )
  return events.flatMap((event) => {
    const profile = profiles.get(event.profileId)
    return profile ? [showEvent(event, showEventClient(profile))] : []
  })
}

/** What to list, in core's words. */
interface Query {
  from: Instant | undefined
  to: Instant
  name: string | undefined
  limit: number
}

/** @throws CDP_QUERY_INVALID */
function queryOf(request: FastifyRequest): Query {
  const { action: name, limit, ...range } = request.query as EventListQuery
  return {
    from: instantOf(range['time[from]'], 'time[from]'),
    // The end belongs to the range.
    to: (instantOf(range['time[to]'], 'time[to]') ?? now()) + 1,
    name,
    limit: limitOf(limit),
  }
}

async function eventsOf(
  services: Services,
  request: FastifyRequest,
  profile: Profile,
  query: Query,
): Promise<object[]> {
  const { workspace } = callerOf(request)
  const profileIds = await services.profiles.idsOf(workspace, profile.id)
  const list = { workspaceId: workspace.id, profileIds, ...query, cursor: undefined }
  const { items } = await services.events.list(list)
  const client = showEventClient(profile)
  return items.map((event: EventRow) => showEvent(event, client))
}

function noneFound(error: unknown): undefined {
  if (error instanceof CdpError && error.code === 'CDP_PROFILE_NOT_FOUND') return undefined
  throw error
}

function instantOf(text: string | undefined, name: string): Instant | undefined {
  if (text === undefined) return undefined
  const instant = readTime(text)
  if (instant !== undefined) return instant
  throw new CdpError('CDP_QUERY_INVALID', { pointer: `/${name}`, detail: 'must be a time of ISO 8601' })
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? LIMIT_DEFAULT : Number(text)
  if (limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new CdpError('CDP_QUERY_INVALID', { pointer: '/limit', detail: `must be 1 to ${LIMIT_MAX}` })
}
