import type { FastifyRequest } from 'fastify'
import { isJunkIdentifier, normalizeIdentifier } from '../../../core/identity/index.ts'
import type { Profile } from '../../../core/profiles/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import type { Command, RawIdentifier } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { identifierKey } from '../../../model/identity.ts'
import type { Workspace } from '../../../model/workspace.ts'
import { mapEventClient } from './identity.ts'
import type { EventClient } from './identity.ts'

/** Whom a command is about. */
type Target = Pick<Command, 'identifiers' | 'profileId' | 'onUnknown' | 'target'>

/** Whom a `client` means, for one caller. @param pointer where it stands */
export type Naming = (client: EventClient, pointer: string) => Target

/**
 * How this caller names profiles: workspaces and users as they like, a person only itself, a key that stands in web pages
 * without binding anything.
 * @param clients every `client` of the request
 * @returns throws CDP_PROFILE_FOREIGN and CDP_IDENTIFIER_MISSING when a person does not name itself
 */
export async function namingOf(
  services: Services,
  request: FastifyRequest,
  clients: readonly EventClient[],
): Promise<Naming> {
  const { person, scope, workspace } = callerOf(request)
  if (person?.kind === 'profile' || person?.kind === 'anonymous')
    return ownNaming(services, workspace, person.profileId, clients)
  return scope === 'tracker' || scope === 'ai' ? publicNaming : mapEventClient
}

/**
 * Anybody can read such a key: what is sent with it never brings two profiles together and gives none an identifier.
 * @assumed of several identifiers the first counts, in the order customId, uuid, e-mail
 */
function publicNaming(client: EventClient): Target {
  const { identifiers, ...target } = mapEventClient(client)
  return { ...target, identifiers: target.profileId === undefined ? identifiers.slice(0, 1) : [] }
}

/**
 * A person writes about itself, whatever merges came since its login, and gets no identifier by it. One read of its
 * profile serves every item.
 */
async function ownNaming(
  services: Services,
  workspace: Workspace,
  profileId: number,
  clients: readonly EventClient[],
): Promise<Naming> {
  const own = await services.profiles.get(workspace, profileId).catch(hideDeleted)
  const namesOther = clients.some(({ id }) => typeof id === 'number' && id !== own.id)
  const ids = new Set(namesOther ? await services.profiles.idsOf(workspace, own.id) : [own.id])
  const names = await namesOf(services, workspace, own, clients)
  return (client, pointer) => {
    const { identifiers, profileId: id } = mapEventClient(client)
    if (id !== undefined && !ids.has(id)) throw foreign(pointer)
    // What broken clients send for an unset id counts as absent.
    const named = identifiers.filter((raw) => !isJunkIdentifier(raw, workspace.settings))
    if (!named.every((raw) => names.has(keyOf(workspace, raw) ?? ''))) throw foreign(pointer)
    if (id === undefined && named.length === 0) throw new CdpError('CDP_IDENTIFIER_MISSING', { pointer })
    return { identifiers: [], profileId: own.id, target: 'existing' }
  }
}

/**
 * The names of a person: its identifiers, and the e-mail that stands on its profile unless that is somebody else's identifier.
 * An address that nobody has proven yet is no identifier, but the person may go by it when it speaks of itself.
 */
async function namesOf(
  services: Services,
  workspace: Workspace,
  own: Profile,
  clients: readonly EventClient[],
): Promise<ReadonlySet<string>> {
  const names = new Set(own.identifiers.map(identifierKey))
  const { email } = own.attributes
  if (typeof email !== 'string') return names
  const contact = { kind: 'email', value: email } as const
  const key = keyOf(workspace, contact)
  const isNamed = clients.some(
    (client) => client.email && keyOf(workspace, { ...contact, value: client.email }) === key,
  )
  if (key === undefined || names.has(key) || !isNamed) return names
  const holder = await services.profiles.lookup(workspace, contact).catch(nobody)
  return holder === undefined ? names.add(key) : names
}

/** The key of an identifier in normal form; undefined when it is none. */
function keyOf({ settings }: Workspace, raw: RawIdentifier): string | undefined {
  const normalized = normalizeIdentifier(raw, settings)
  return normalized.outcome === 'usable' ? identifierKey(normalized.identifier) : undefined
}

function nobody(error: unknown): undefined {
  if (error instanceof CdpError && error.code === 'CDP_PROFILE_NOT_FOUND') return undefined
  throw error
}

function foreign(pointer: string): CdpError {
  return new CdpError('CDP_PROFILE_FOREIGN', { pointer })
}

/** A deleted profile has nothing left that its token could be about. */
function hideDeleted(error: unknown): never {
  const isGone = error instanceof CdpError && error.code === 'CDP_PROFILE_NOT_FOUND'
  throw isGone ? new CdpError('CDP_PROFILE_FOREIGN', { cause: error }) : error
}
