import { CdpError } from '../../model/errors.ts'
import type { Caller, Person } from '../../model/workspace.ts'
import type { Credentials } from './credentials.ts'
import type { Operators, UserLogin } from './operators.ts'
import type { Session } from './sessions.ts'
import type { TokenKind, Tokens } from './tokens.ts'

/** Finds out who stands behind a token. */
export interface Callers {
  /**
   * The api key or the person that holds a token of one of these kinds.
   * @param address where it comes from: a workspace may take users from some networks only
   * @throws CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED its key is revoked, or its session over; CDP_WORKSPACE_UNSELECTED and
   * CDP_MFA_REQUIRED the user is not that far; CDP_NETWORK_FORBIDDEN
   */
  ofToken(token: string, kinds: readonly TokenKind[], address?: string): Promise<Caller>
  /** The user that holds a token, in whatever state its login is. @throws CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED */
  loginOf(token: string, kind: TokenKind): Promise<UserLogin>
}

/** Opens the search. */
export function openCallers(tokens: Tokens, credentials: Credentials, operators: Operators): Callers {
  const ofToken: Callers['ofToken'] = async (token, kinds, address) => {
    const facts = await tokens.read(token, kinds)
    const session = facts.sessionId === undefined ? undefined : await tokens.sessionOf(facts)
    if (session?.kind === 'user') return callerOfUser(operators, session, address)
    const caller = session
      ? await callerOfProfile(credentials, session)
      : await callerOfKey(credentials, facts.workspaceId, facts.subject)
    if (!caller) throw new CdpError('CDP_TOKEN_INVALID')
    return caller
  }
  const loginOf: Callers['loginOf'] = async (token, kind) =>
    operators.loginOf(await tokens.sessionOf(await tokens.read(token, [kind])))
  return { ofToken, loginOf }
}

async function callerOfKey(
  credentials: Credentials,
  workspaceId: number | undefined,
  keyId: number | undefined,
): Promise<Caller | undefined> {
  if (workspaceId === undefined || keyId === undefined) return undefined
  return credentials.callerOf(workspaceId, keyId)
}

/** What a user may do is asked each time: the token only names the session. */
async function callerOfUser(
  operators: Operators,
  session: Session,
  address: string | undefined,
): Promise<Caller> {
  const login = await operators.loginOf(session)
  if (session.workspaceId === undefined) throw new CdpError('CDP_WORKSPACE_UNSELECTED')
  const { workspace, permissions } = await operators
    .enter(login, session.workspaceId, address)
    .catch(hideTaken)
  const { userId, email } = login.operator
  const person = { kind: 'user', userId, email, sessionId: session.sessionId } as const
  return { workspace, scope: 'user', permissions, keyId: undefined, label: `user:${email}`, person }
}

/** A workspace that was archived or taken from the user ends what was selected. */
function hideTaken(error: unknown): never {
  const isGone = error instanceof CdpError && error.code === 'CDP_WORKSPACE_NOT_FOUND'
  throw isGone ? new CdpError('CDP_TOKEN_INVALID', { cause: error }) : error
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
