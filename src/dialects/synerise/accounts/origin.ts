import type { FastifyRequest } from 'fastify'
import { withoutRequirements } from '../../../core/accounts/index.ts'
import type { App, Login, Origin, PersonData, ProviderName } from '../../../core/accounts/index.ts'
import { operationOf } from '../../../http/access-log.ts'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import type { Notice } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import type { Caller } from '../../../model/workspace.ts'
import { mapProfile } from '../clients/mapping.ts'
import type { ProfileWrite } from '../clients/schemas.ts'
import { ANONYMOUS_TOKEN, PROFILE_TOKEN } from '../guard.ts'

/** How the vendor calls what happens to an account. @source reference chapters 2, 4, 7 */
const WORDS = {
  registered: 'client.register',
  deleted: 'client.deleteAccount',
  confirmed: 'snrs_email_confirmed',
} as const

/** Where an act about an account comes from. */
export function originOf(request: FastifyRequest): Origin {
  const { workspace, label, person, scope } = callerOf(request)
  return {
    workspace,
    dialect: request.dialect,
    operation: operationOf(request),
    credential: label,
    traceId: request.id,
    receivedAt: request.receivedAt,
    address: request.ip,
    isServer: person === undefined && scope === 'workspace',
    words: WORDS,
  }
}

/** The app whose api key stands in a body; it is the caller from then on. @throws CDP_KEY_UNKNOWN */
export async function authenticateApp(
  services: Services,
  request: FastifyRequest,
  apiKey: string,
): Promise<App> {
  const caller = await services.credentials.authenticate(apiKey, 'profile')
  request.caller = caller
  return appOf(caller)
}

/** A caller as an app. @throws CDP_KEY_UNKNOWN no api key stands behind it */
export function appOf(caller: Caller): App {
  const { keyId } = caller
  if (keyId === undefined) throw new CdpError('CDP_KEY_UNKNOWN')
  return { ...caller, keyId }
}

/** The token of a login, as the vendor answers it. @source reference 0.1: an anonymous `eml` */
export async function tokenOf(
  services: Services,
  app: App,
  { session, profileId, email }: Login,
): Promise<{ token: string }> {
  const isAnonymous = session.kind === 'anonymous'
  const claims = {
    subject: profileId,
    email: isAnonymous ? `${session.sessionId}@anonymous.invalid` : email,
    permissions: app.permissions,
    workspace: app.workspace,
    keyId: app.keyId,
  }
  const kind = isAnonymous ? ANONYMOUS_TOKEN : PROFILE_TOKEN
  return { token: await services.tokens.issueFor(session, claims, kind) }
}

/** The vendor's names of identity providers. */
export const PROVIDERS: Partial<Record<string, ProviderName>> = {
  GOOGLE: 'google',
  APPLE: 'apple',
  FACEBOOK: 'facebook',
  OAUTH: 'oauth',
}

/** What a body says of the person, beside who it is; the ledger never gets what proves that. */
export function dataOf(request: FastifyRequest, profile: ProfileWrite): PersonData {
  const { attributes, consents, tags, notices } = mapProfile(profile, {
    pointer: '',
    timezone: callerOf(request).workspace.settings.timezone,
  })
  return saidBy(request, {
    item: profile,
    notices,
    ...(attributes && { attributes }),
    ...(consents && { consents }),
    ...(tags && { tags }),
  })
}

/** What a caller says of a person: a server says what it wants, people not what others decide about them. */
export function saidBy<Data extends Pick<PersonData, 'attributes' | 'notices'>>(
  request: FastifyRequest,
  data: Data,
): Data {
  const { workspace, isServer } = originOf(request)
  return isServer ? data : withoutRequirements(workspace.settings, data, '/attributes')
}

/** What comes with a login of the person's attributes, agreements and tags; undefined when nothing does. */
export function dataOfLogin(
  request: FastifyRequest,
  { agreements, attributes, tags }: Pick<ProfileWrite, 'agreements' | 'attributes' | 'tags'>,
): PersonData | undefined {
  const said = {
    ...(agreements && { agreements }),
    ...(attributes && { attributes }),
    ...(tags && { tags }),
  }
  return Object.keys(said).length === 0 ? undefined : dataOf(request, said)
}

/** The profile that is calling. @throws CDP_CALLER_KIND_FORBIDDEN it is none */
export function personOf(request: FastifyRequest): {
  profileId: number
  sessionId: string
  accountId: string
} {
  const { person } = callerOf(request)
  if (person?.kind !== 'profile') throw new CdpError('CDP_CALLER_KIND_FORBIDDEN')
  return person
}

/** Ledger entries for fields of a body that name or mark somebody, and are not taken from the person. */
export function ignoredFields(fields: Readonly<Record<string, unknown>>): Notice[] {
  return Object.entries(fields).flatMap(([field, value]): Notice[] =>
    value === undefined || value === null ? [] : [{ reason: 'identifier_ignored', pointer: `/${field}` }],
  )
}

/** A field that clients send as null or "" when they have none. */
export function given(text: string | number | null | undefined): string | undefined {
  return text === null || text === undefined || text === '' ? undefined : String(text)
}
