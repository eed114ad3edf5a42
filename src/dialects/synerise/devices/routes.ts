import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { normalizeIdentifier, sameIdentifier } from '../../../core/identity/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { submitUnit } from '../../../http/unit.ts'
import type { RawIdentifier } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { personOf } from '../accounts/origin.ts'
import { identifierOf } from '../clients/routes.ts'
import { clientIdOf } from '../clients/subject.ts'
import { guard, isPersonal } from '../guard.ts'
import { operation } from '../operations.ts'
import { mapDevice } from './mapping.ts'
import { DeviceBody } from './schemas.ts'

type Find = (services: Services, request: FastifyRequest) => Promise<number>

/** Adds the routes that link devices. They differ only in how the profile is found. */
export function registerDevices(app: FastifyInstance, services: Services): void {
  const add = (id: string, find: Find): void => {
    const options: RouteShorthandOptions = {
      schema: { body: DeviceBody },
      config: { operation: id },
      onRequest: guard(services, operation(id)),
    }
    app.post(operation(id).path, options, async (request, reply) =>
      link(services, request, reply, await find(services, request)),
    )
  }
  add('link-device', async (_services, request) => clientIdOf(request))
  add('link-device-by-identifier', profileByIdentifier)
  add('link-own-device', ownProfile)
}

/**
 * A workspace means whoever holds the identifier; a profile means itself, and a stranger's identifier is refused alike
 * whether somebody holds it or not.
 * @assumed a profile that does not exist is not found (404), although the code set lists none: what is not stored must not look so
 * @throws CDP_PROFILE_NOT_FOUND CDP_PERMISSION_MISSING
 */
const profileByIdentifier: Find = async (services, request) => {
  const { workspace, person } = callerOf(request)
  const raw = deviceOwnerOf(request)
  if (person?.kind !== 'profile' && person?.kind !== 'anonymous')
    return (await services.profiles.lookup(workspace, raw)).id
  const own = await services.profiles.get(workspace, person.profileId)
  const named = normalizeIdentifier(raw, workspace.settings)
  const isOwn =
    named.outcome === 'usable' && own.identifiers.some((held) => sameIdentifier(held, named.identifier))
  if (!isOwn) throw new CdpError('CDP_PERMISSION_MISSING')
  return own.id
}

const ownProfile: Find = async (services, request) => {
  const { profileId } = personOf(request)
  const [livingId = profileId] = await services.profiles.idsOf(callerOf(request).workspace, profileId)
  return livingId
}

/** @source reference, Link a device by other parameters: customId or uuid; CDP_PATH_UNKNOWN for the others */
function deviceOwnerOf(request: FastifyRequest): RawIdentifier {
  const raw = identifierOf(request)
  if (raw.kind !== 'userId' && raw.kind !== 'uuid') throw new CdpError('CDP_PATH_UNKNOWN')
  return raw
}

function link(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  profileId: number,
): Promise<FastifyReply> {
  const mapped = mapDevice(request.body as DeviceBody, profileId)
  const command = isPersonal(callerOf(request)) ? { ...mapped, deviceIdentifier: 'leave' as const } : mapped
  const answer = () => ({ status: 200, body: undefined })
  return submitUnit(services, request, reply, { atomic: 'all', commands: [command], dropped: [], answer })
}
