import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A login of a person, as stored. */
export interface SessionRow {
  sessionId: string
  kind: 'user' | 'profile' | 'anonymous'
  /** Undefined for a user who has not selected one. */
  workspaceId: number | undefined
  userId: number | undefined
  profileId: number | undefined
  accountId: string | undefined
  /** The api key that the person's app logged in with. */
  apiKeyId: number | undefined
  deviceId: string | undefined
  /** When a user gave a second factor. */
  confirmedAt: Instant | undefined
  createdAt: Instant
  expiresAt: Instant
}

interface StoredSession {
  session_id: string
  kind: SessionRow['kind']
  workspace_id: number | null
  user_id: number | null
  profile_id: number | null
  account_id: string | null
  api_key_id: number | null
  device_id: string | null
  confirmed_at: Date | null
  created_at: Date
  expires_at: Date
}

const COLUMNS = `session_id, kind, workspace_id, user_id, profile_id, account_id, api_key_id, device_id, confirmed_at,
  created_at, expires_at`

const insertNew = prepared(
  'session-insert',
  `insert into session (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
)

// Primary keys; the one lookup of a request that carries a person's token. A profile that was merged since acts as the
// survivor.
const findLiving = prepared<StoredSession>(
  'session-find',
  `select session_id, kind, s.workspace_id, user_id, coalesce(m.to_id, s.profile_id) as profile_id, account_id, api_key_id,
          device_id, confirmed_at, created_at, expires_at
     from session s
     left join profile_merge m on m.workspace_id = s.workspace_id and m.from_id = s.profile_id
    where session_id = $1 and ended_at is null and expires_at > $2`,
)

const extend = prepared(
  'session-extend',
  'update session set expires_at = greatest(expires_at, $2) where session_id = $1 and ended_at is null',
)

const confirm = prepared(
  'session-confirm',
  'update session set confirmed_at = $2 where session_id = $1 and ended_at is null',
)

const end = prepared(
  'session-end',
  'update session set ended_at = $2 where session_id = $1 and ended_at is null',
)

// Index session_of_user.
const endOfUser = prepared(
  'session-end-of-user',
  'update session set ended_at = $2 where user_id = $1 and ended_at is null and session_id is distinct from $3',
)

// Index session_of_profile.
const endOfProfile = prepared(
  'session-end-of-profile',
  `update session set ended_at = $3
    where workspace_id = $1 and profile_id = any($2::bigint[]) and ended_at is null
      and session_id is distinct from $4`,
)

// Index session_of_profile, by its first column: only what is open in the workspace is read, and seldom.
const endOfAccounts = prepared(
  'session-end-of-accounts',
  `update session set ended_at = $3
    where workspace_id = $1 and profile_id is not null and account_id = any($2::uuid[]) and ended_at is null and session_id is distinct from $4`,
)

const deleteOld = prepared('session-delete-old', 'delete from session where expires_at < $1')

/** Stores a new session. */
export async function insertSession(db: Queryable, row: SessionRow): Promise<void> {
  await insertNew(db, [
    row.sessionId,
    row.kind,
    row.workspaceId ?? null,
    row.userId ?? null,
    row.profileId ?? null,
    row.accountId ?? null,
    row.apiKeyId ?? null,
    row.deviceId ?? null,
    row.confirmedAt === undefined ? null : toRfc3339(row.confirmedAt),
    toRfc3339(row.createdAt),
    toRfc3339(row.expiresAt),
  ])
}

/** The session, while it is neither ended nor expired. */
export async function findSession(
  db: Queryable,
  sessionId: string,
  at: Instant,
): Promise<SessionRow | undefined> {
  const [row] = await findLiving(db, [sessionId, toRfc3339(at)])
  return row && fromStored(row)
}

/** Lets a session live until an instant, if it would end before. */
export async function extendSession(db: Queryable, sessionId: string, expiresAt: Instant): Promise<void> {
  await extend(db, [sessionId, toRfc3339(expiresAt)])
}

/** Notes that a user gave a second factor. */
export async function setSessionConfirmed(db: Queryable, sessionId: string, at: Instant): Promise<void> {
  await confirm(db, [sessionId, toRfc3339(at)])
}

/** Ends one session. */
export async function endSession(db: Queryable, sessionId: string, at: Instant): Promise<void> {
  await end(db, [sessionId, toRfc3339(at)])
}

/** Ends a user's sessions. @param except one that stays */
export async function endUserSessions(
  db: Queryable,
  userId: number,
  at: Instant,
  except?: string,
): Promise<void> {
  await endOfUser(db, [userId, toRfc3339(at), except ?? null])
}

/** A profile and those that were merged into it. */
export interface SessionProfiles {
  workspaceId: number
  profileIds: readonly number[]
}

/** Ends the sessions of a profile. @param except one that stays */
export async function endProfileSessions(
  db: Queryable,
  { workspaceId, profileIds }: SessionProfiles,
  at: Instant,
  except?: string,
): Promise<void> {
  await endOfProfile(db, [workspaceId, profileIds, toRfc3339(at), except ?? null])
}

/** Ends the sessions of accounts. @param except one that stays */
export async function endAccountSessions(
  db: Queryable,
  workspaceId: number,
  accountIds: readonly string[],
  at: Instant,
  except?: string,
): Promise<void> {
  await endOfAccounts(db, [workspaceId, accountIds, toRfc3339(at), except ?? null])
}

/** Deletes what expired before an instant. */
export async function deleteSessions(db: Queryable, before: Instant): Promise<void> {
  await deleteOld(db, [toRfc3339(before)])
}

function fromStored(row: StoredSession): SessionRow {
  return {
    sessionId: row.session_id,
    kind: row.kind,
    workspaceId: row.workspace_id ?? undefined,
    userId: row.user_id ?? undefined,
    profileId: row.profile_id ?? undefined,
    accountId: row.account_id ?? undefined,
    apiKeyId: row.api_key_id ?? undefined,
    deviceId: row.device_id ?? undefined,
    confirmedAt: row.confirmed_at?.getTime(),
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  }
}
