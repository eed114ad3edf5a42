import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Profile, ProfileConsent } from '../../core/profiles/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { now } from '../../lib/time.ts'
import type { RawIdentifier } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import { boundsOf, conditionsOf, pageOf, pick, toInstants, unknownCondition } from './conditions.ts'
import type { Bounds } from './conditions.ts'
import { guard } from './guard.ts'
import { CHANNELS, identifierOf, keeps, profileQueryOf, showProfile, showSubscription } from './profiles.ts'
import { ListBody } from './schemas.ts'

/** Adds the lists of profiles and of subscriptions. */
export function registerProfiles(app: FastifyInstance, services: Services): void {
  const options = (operation: string) => ({
    schema: { body: ListBody },
    config: { operation },
    preValidation: guard(services),
  })
  app.post('/api/external/list/profile', options('list-profile'), async (request) => {
    const { select } = request.body as ListBody
    const profiles = await findProfiles(services, request)
    return { success: true, code: 200, data: profiles.map((profile) => pick(showProfile(profile), select)) }
  })
  app.post(
    '/api/external/list/profile-subscription',
    options('list-profile-subscription'),
    async (request) => {
      const { select } = request.body as ListBody
      const rows = (await findConsents(services, request)).flatMap(showSubscription)
      return { success: true, code: 200, data: rows.map((row) => pick(row, select)) }
    },
  )
}

async function findProfiles(services: Services, request: FastifyRequest): Promise<readonly Profile[]> {
  const { workspace } = callerOf(request)
  const body = request.body as ListBody
  const conditions = conditionsOf(body)
  for (const condition of conditions) {
    const identifier = identifierOf(condition)
    if (!identifier) continue
    const found = await findPerson(services, request, identifier)
    const kept =
      found &&
      keeps(
        found,
        conditions.filter((other) => other !== condition),
      )
        ? [found]
        : []
    const { offset, limit } = pageOf(body)
    return kept.slice(offset, offset + limit)
  }
  return (await services.profiles.list(workspace, profileQueryOf(conditions, body))).items
}

/** Who holds an identifier; nobody where it leads to nobody: a list is never "not found". */
async function findPerson(
  { profiles }: Services,
  request: FastifyRequest,
  identifier: RawIdentifier,
): Promise<Profile | undefined> {
  try {
    return await profiles.find(callerOf(request).workspace, identifier)
  } catch (error) {
    if (error instanceof CdpError && error.code === 'CDP_PROFILE_NOT_FOUND') return undefined
    throw error
  }
}

/** @source reference 3.4: filtered by user_id and update_time. @assumed the oldest update first */
async function findConsents(services: Services, request: FastifyRequest): Promise<ProfileConsent[]> {
  const body = request.body as ListBody
  const conditions = conditionsOf(body)
  const unknown = conditions.find(({ field }) => field !== 'user_id' && field !== 'update_time')
  if (unknown) throw unknownCondition(unknown, ['user_id', 'update_time'])
  const times = toInstants(boundsOf(conditions, 'update_time'))
  const [user, ...others] = conditions.filter(({ field }) => field === 'user_id')
  if (!user) {
    const { min: from = 0, max: to = now() } = times
    return services.profiles.consents(callerOf(request).workspace, {
      channels: CHANNELS,
      from,
      to,
      ...pageOf(body),
    })
  }
  const identifier = identifierOf(user)
  if (!identifier) throw unknownCondition(user, ['user_id'])
  const profile = await findPerson(services, request, identifier)
  return profile && keeps(profile, others) ? consentsOf(profile, times, pageOf(body)) : []
}

function consentsOf(
  profile: Profile,
  { min = 0, max = Infinity }: Bounds,
  { offset, limit }: { offset: number; limit: number },
): ProfileConsent[] {
  return profile.consents
    .filter(({ channel, at }) => CHANNELS.includes(channel) && at >= min && at <= max)
    .toSorted((a, b) => a.at - b.at)
    .slice(offset, offset + limit)
    .map((consent) => ({ profile, consent }))
}
