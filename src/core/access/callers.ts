import { CdpError } from '../../model/errors.ts'
import type { Caller, Person } from '../../model/workspace.ts'
import type { Credentials } from './credentials.ts'
import type { Session } from './sessions.ts'
import type { TokenKind, Tokens } from './tokens.ts'

/** Finds out who stands behind a token. */
export interface Callers {
  /**
   * The api key or the person that holds a token of one of these kinds.
   * @throws CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED its key is revoked, or its session over
   */
  ofToken(token: string, kinds: readonly TokenKind[]): Promise<Caller>
}

/** Opens the search. */
export function openCallers(tokens: Tokens, credentials: Credentials): Callers {
  const ofToken = async (token: string, kinds: readonly TokenKind[]): Promise<Caller> => {
    const facts = await tokens.read(token, kinds)
    const caller =
      facts.sessionId === undefined
        ? await callerOfKey(credentials, facts.workspaceId, facts.subject)
        : await callerOfProfile(credentials, await tokens.sessionOf(facts))
    if (!caller) throw new CdpError('CDP_TOKEN_INVALID')
    return caller
  }
  return { ofToken }
}

async function callerOfKey(
  credentials: Credentials,
  workspaceId: number | undefined,
  keyId: number | undefined,
): Promise<Caller | undefined> {
  if (workspaceId === undefined || keyId === undefined) return undefined
  return credentials.callerOf(workspaceId, keyId)
}

/** A profile may do what the api key may that its app logged in with; without that key it may nothing. */
async function callerOfProfile(credentials: Credentials, session: Session): Promise<Caller | undefined> {
  const { workspaceId, apiKeyId } = session
  const key = await callerOfKey(credentials, workspaceId, apiKeyId)
  const person = personOf(session)
  return key && person && { ...key, person }
}

function personOf({ kind, profileId, accountId, sessionId, deviceId }: Session): Person | undefined {
  if (profileId === undefined) return undefined
  const device = deviceId === undefined ? {} : { deviceId }
  if (kind === 'anonymous') return { kind, profileId, sessionId, ...device }
  return kind === 'profile' && accountId !== undefined
    ? { kind, profileId, accountId, sessionId, ...device }
    : undefined
}
