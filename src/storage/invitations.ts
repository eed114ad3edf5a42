import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { UserRole } from '../model/roles.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Who invited: a user, or an api key of a workspace. */
export interface Inviter {
  userId: number | undefined
  workspaceId: number | undefined
  keyId: number | undefined
}

/** Somebody who may become a user. */
export interface InvitationRow {
  invitationId: string
  email: string
  role: UserRole
  /** The role in each of the workspaces. */
  workspaceRole: string
  workspaceIds: number[]
  /** Its name at that time, to be shown. */
  invitedBy: string
  inviter: Inviter
  createdAt: Instant
  expiresAt: Instant
}

interface StoredInvitation {
  invitation_id: string
  email: string
  role: UserRole
  workspace_role: string
  workspace_ids: number[]
  invited_by: string
  created_at: Date
  expires_at: Date
  inviter_user_id: number | null
  inviter_workspace_id: number | null
  inviter_key_id: number | null
}

const COLUMNS = `invitation_id, email, role, workspace_role, workspace_ids, invited_by, created_at, expires_at,
  inviter_user_id, inviter_workspace_id, inviter_key_id`

const insertNew = prepared(
  'invitation-insert',
  `insert into user_invitation (token_hash, ${COLUMNS}) 
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
)

const findOpen = prepared<StoredInvitation>(
  'invitation-find-open',
  `select ${COLUMNS} from user_invitation where closed_at is null and expires_at > $1
    order by created_at desc, invitation_id desc`,
)

// Unique key of token_hash.
const findOpenByToken = prepared<StoredInvitation>(
  'invitation-find-by-token',
  `select ${COLUMNS} from user_invitation where token_hash = $1 and closed_at is null and expires_at > $2`,
)

// Unique key of token_hash. Of two requests with one token only one gets the row.
const take = prepared<StoredInvitation>(
  'invitation-take',
  `update user_invitation set closed_at = $2
    where token_hash = $1 and closed_at is null and expires_at > $2 returning ${COLUMNS}`,
)

const close = prepared(
  'invitation-close',
  'update user_invitation set closed_at = $2 where invitation_id = $1 and closed_at is null',
)

// Few are open at a time.
const closeOfInviter = prepared(
  'invitation-close-of-inviter',
  'update user_invitation set closed_at = $2 where inviter_user_id = $1 and closed_at is null',
)

/** Stores an invitation under the hash of its token. */
export async function insertInvitation(db: Queryable, row: InvitationRow, tokenHash: Buffer): Promise<void> {
  await insertNew(db, [
    tokenHash,
    row.invitationId,
    row.email,
    row.role,
    row.workspaceRole,
    row.workspaceIds,
    row.invitedBy,
    toRfc3339(row.createdAt),
    toRfc3339(row.expiresAt),
    row.inviter.userId ?? null,
    row.inviter.workspaceId ?? null,
    row.inviter.keyId ?? null,
  ])
}

/** The invitations that may still be accepted, newest first. */
export async function findInvitations(db: Queryable, at: Instant): Promise<InvitationRow[]> {
  return (await findOpen(db, [toRfc3339(at)])).map(fromStored)
}

/** The open invitation of a token. */
export async function findInvitation(
  db: Queryable,
  tokenHash: Buffer,
  at: Instant,
): Promise<InvitationRow | undefined> {
  const [row] = await findOpenByToken(db, [tokenHash, toRfc3339(at)])
  return row && fromStored(row)
}

/** Accepts an invitation: it is gone afterwards. */
export async function takeInvitation(
  db: Queryable,
  tokenHash: Buffer,
  at: Instant,
): Promise<InvitationRow | undefined> {
  const [row] = await take(db, [tokenHash, toRfc3339(at)])
  return row && fromStored(row)
}

/** Takes an invitation back. */
export async function closeInvitation(db: Queryable, invitationId: string, at: Instant): Promise<void> {
  await close(db, [invitationId, toRfc3339(at)])
}

/** Takes all open invitations of a user back. */
export async function closeInvitationsOf(db: Queryable, userId: number, at: Instant): Promise<void> {
  await closeOfInviter(db, [userId, toRfc3339(at)])
}

function fromStored(row: StoredInvitation): InvitationRow {
  return {
    invitationId: row.invitation_id,
    email: row.email,
    role: row.role,
    workspaceRole: row.workspace_role,
    workspaceIds: row.workspace_ids,
    invitedBy: row.invited_by,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    inviter: {
      userId: row.inviter_user_id ?? undefined,
      workspaceId: row.inviter_workspace_id ?? undefined,
      keyId: row.inviter_key_id ?? undefined,
    },
  }
}
