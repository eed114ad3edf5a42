import { newSecret, sha256 } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller, KeyScope } from '../../model/workspace.ts'
import {
  deleteAccessTokens,
  expireAccessTokens,
  findAccessToken,
  insertAccessToken,
} from '../../storage/access-tokens.ts'
import { findApiKeysOf } from '../../storage/api-keys.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import type { Credentials } from './credentials.ts'

/** Tokens that api keys buy, for dialects whose clients show those and not the key. */
export interface AccessTokens {
  /** A new token of a key. @param caller holds the key @returns the token, which is seen only now */
  issue(caller: Caller & { keyId: number }, lifeSeconds: number): Promise<string>
  /**
   * Who holds a token.
   * @throws CDP_KEY_MISSING none was given; CDP_TOKEN_INVALID it is none, has ended, or its key has
   */
  authenticate(token: string | undefined, scope: KeyScope): Promise<Caller>
  /** Ends every token of a key; the key buys new ones. @returns how many there were @throws CDP_API_KEY_NOT_FOUND */
  endAll(workspaceId: number, apiKeyId: number, by: Actor): Promise<number>
}

/** Opens the tokens. They are compared by their SHA-256, so that no comparison depends on a token's bytes. */
export function openAccessTokens(db: Database, credentials: Credentials): AccessTokens {
  return {
    issue: async ({ workspace, keyId }, lifeSeconds) => {
      const token = newSecret('')
      const createdAt = now()
      const row = { tokenHash: sha256(token), workspaceId: workspace.id, apiKeyId: keyId, createdAt }
      const expiresAt = createdAt + lifeSeconds * 1000
      await guarded(() => insertAccessToken(db.access, { ...row, expiresAt }))
      return token
    },
    authenticate: async (token, scope) => {
      if (token === undefined || token === '') throw new CdpError('CDP_KEY_MISSING')
      const found = await guarded(() => findAccessToken(db.access, sha256(token), now()))
      const caller = found && (await credentials.callerOf(found.workspaceId, found.apiKeyId))
      if (caller?.scope !== scope) throw new CdpError('CDP_TOKEN_INVALID')
      return caller
    },
    endAll: (workspaceId, apiKeyId, by) =>
      act(db, by, async (tx) => {
        const keys = await findApiKeysOf(tx, workspaceId)
        if (!keys.some((key) => key.apiKeyId === apiKeyId)) throw new CdpError('CDP_API_KEY_NOT_FOUND')
        const count = await deleteAccessTokens(tx, workspaceId, apiKeyId)
        const detail = { tokens: count }
        await record(tx, { actor: by, workspaceId, action: 'key.end-tokens', object: apiKeyId, detail })
        return count
      }),
  }
}

/** Forgets tokens whose time is over; for the upkeep. */
export async function forgetAccessTokens(db: Database): Promise<void> {
  await expireAccessTokens(db.background, now())
}
