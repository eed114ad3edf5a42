import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable } from '../../storage/db.ts'
import {
  endProfileSessions,
  endSession,
  endUserSessions,
  extendSession,
  findSession,
  insertSession,
} from '../../storage/sessions.ts'
import type { SessionProfiles, SessionRow } from '../../storage/sessions.ts'

/** A living login of a person. */
export type Session = SessionRow

/** What a new session is for. */
export type SessionDraft = Omit<SessionRow, 'sessionId' | 'createdAt'>

/** Whose sessions end. */
export type SessionOwner = { userId: number } | SessionProfiles

/**
 * The logins of people. They are in the database and asked for by every request that carries a token of one, so that a
 * logout or a new password ends them at once in every process; they survive a restart.
 */
export interface Sessions {
  /** Begins one, inside the caller's transaction if it gives one. */
  begin(draft: SessionDraft, db?: Queryable): Promise<Session>
  /** Undefined once it is over. */
  find(sessionId: string): Promise<Session | undefined>
  /** Lets it live until an instant, if it would end before. */
  extend(sessionId: string, expiresAt: Instant): Promise<void>
  end(sessionId: string): Promise<void>
  /** Ends all sessions of a person. @param options.except one that stays */
  endAll(owner: SessionOwner, options?: { except?: string; db?: Queryable }): Promise<void>
}

/** Opens the sessions. */
export function openSessions(db: Database): Sessions {
  return {
    begin: async (draft, within = db.general) => {
      const session = { ...draft, sessionId: newUuid(), createdAt: now() }
      await guarded(() => insertSession(within, session))
      return session
    },
    find: (sessionId) => guarded(() => findSession(db.access, sessionId, now())),
    extend: (sessionId, expiresAt) => guarded(() => extendSession(db.general, sessionId, expiresAt)),
    end: (sessionId) => guarded(() => endSession(db.general, sessionId, now())),
    endAll: (owner, { except, db: within = db.general } = {}) =>
      guarded(() =>
        'userId' in owner
          ? endUserSessions(within, owner.userId, now(), except)
          : endProfileSessions(within, owner, now(), except),
      ),
  }
}
