import { newSecret, newUuid, sha256 } from '../../lib/ids.ts'
import { DAY_MS, now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { READER_ROLE } from '../../model/roles.ts'
import type { UserRole } from '../../model/roles.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import {
  closeInvitation,
  findInvitations,
  insertInvitation,
  takeInvitation,
} from '../../storage/invitations.ts'
import type { InvitationRow } from '../../storage/invitations.ts'
import { findOperatorByEmail } from '../../storage/operators.ts'
import type { Membership } from '../../storage/users.ts'
import { hashPassword } from '../access/index.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { authorityOfInviter, requireGivable, requireRank, toMemberships } from './authority.ts'
import type { Authority } from './authority.ts'
import { createUser } from './manage.ts'
import { requirePassword } from './password-policy.ts'

/** An invitation that may still be accepted. */
export type Invitation = InvitationRow

/** Whom to invite, as what, and where to. */
export interface InvitationDraft {
  email: string
  role: UserRole
  /** Guids. */
  workspaces: readonly string[]
  /** The role in each of them; `reader` when left out. */
  workspaceRole?: string
}

/** How people become users without anybody else knowing their password. */
export interface Invitations {
  /**
   * @returns the invitation and its token, which is shown only now
   * @throws CDP_USER_TAKEN CDP_WORKSPACE_NOT_FOUND CDP_ROLE_NOT_FOUND CDP_PERMISSION_MISSING
   */
  create(authority: Authority, draft: InvitationDraft): Promise<{ invitation: Invitation; token: string }>
  /** Those whose workspaces the authority reaches, newest first. */
  list(authority: Authority): Promise<Invitation[]>
  /** @throws CDP_INVITATION_NOT_FOUND */
  revoke(authority: Authority, invitationId: string): Promise<void>
  /**
   * Makes the user, while who invited may still do so.
   * @returns its e-mail
   * @throws CDP_INVITATION_NOT_FOUND CDP_PASSWORD_WEAK CDP_USER_TAKEN
   */
  accept(token: string, password: string, from: Pick<Actor, 'address' | 'traceId'>): Promise<string>
}

/** A week: long enough for a holiday, short enough for a forgotten mailbox. */
const LIFE_MS = 7 * DAY_MS

/** Opens the invitations. */
export function openInvitations(db: Database): Invitations {
  const list = async (authority: Authority): Promise<Invitation[]> =>
    (await guarded(() => findInvitations(db.general, now()))).filter((row) => reaches(authority, row))
  return {
    list,
    create: (authority, draft) => createInvitation(db, authority, draft),
    revoke: async (authority, invitationId) => {
      const row = (await list(authority)).find((candidate) => candidate.invitationId === invitationId)
      if (!row) throw new CdpError('CDP_INVITATION_NOT_FOUND')
      const { actor, workspaceId } = authority
      await guarded(() =>
        inTransaction(db.background, async (tx) => {
          await closeInvitation(tx, invitationId, now())
          await record(tx, { actor, workspaceId, action: 'invitation.revoke', object: row.email })
        }),
      )
    },
    accept: (token, password, from) => acceptInvitation(db, token, password, from),
  }
}

async function createInvitation(
  db: Database,
  authority: Authority,
  { email: written, role, workspaces, workspaceRole = READER_ROLE.name }: InvitationDraft,
): Promise<{ invitation: Invitation; token: string }> {
  requireRank(authority, role)
  const { actor, workspaceId } = authority
  const email = written.toLowerCase()
  const token = newSecret('')
  const places = workspaces.map((guid) => ({ guid, role: workspaceRole }))
  const invitation = await guarded(() =>
    inTransaction(db.background, async (tx) => {
      if (await findOperatorByEmail(tx, email)) throw new CdpError('CDP_USER_TAKEN')
      const workspaceIds = (await toMemberships(tx, authority, places)).map((place) => place.workspaceId)
      const times = { createdAt: now(), expiresAt: now() + LIFE_MS }
      const row = { invitationId: newUuid(), email, role, workspaceRole, workspaceIds, ...times }
      const { userId, keyId } = authority
      const stored = { ...row, invitedBy: actor.label, inviter: { userId, workspaceId, keyId } }
      await insertInvitation(tx, stored, sha256(token))
      await record(tx, { actor, workspaceId, action: 'invitation.create', object: email, detail: { role } })
      return stored
    }),
  )
  return { invitation, token }
}

async function acceptInvitation(
  db: Database,
  token: string,
  password: string,
  from: Pick<Actor, 'address' | 'traceId'>,
): Promise<string> {
  // Checked before the token is used up, against its own e-mail after: a weak password costs no invitation.
  requirePassword(password, '', '/password')
  return guarded(() =>
    inTransaction(db.background, async (tx) => {
      const row = await takeInvitation(tx, sha256(token), now())
      if (!row) throw new CdpError('CDP_INVITATION_NOT_FOUND')
      const { email, role, workspaceRole, workspaceIds } = row
      requirePassword(password, email, '/password')
      const actor: Actor = { kind: 'user', label: email, ...from }
      const memberships = workspaceIds.map((workspaceId) => ({ workspaceId, role: workspaceRole }))
      await requireInviter(tx, row, memberships, actor)
      const passwordHash = await hashPassword(password)
      await createUser(tx, db, { actor, workspaceId: undefined }, { email, passwordHash, role, memberships })
      return email
    }),
  )
}

/** An invitation is worth what its inviter may give today. @throws CDP_INVITATION_NOT_FOUND */
async function requireInviter(
  tx: Transaction,
  { inviter, role }: InvitationRow,
  memberships: readonly Membership[],
  actor: Actor,
): Promise<void> {
  const authority = await authorityOfInviter(tx, inviter, actor)
  if (!authority) throw new CdpError('CDP_INVITATION_NOT_FOUND')
  await requireGivable(tx, authority, role, memberships).catch((error: unknown) => {
    const isRefused = error instanceof CdpError && error.code === 'CDP_PERMISSION_MISSING'
    throw isRefused ? new CdpError('CDP_INVITATION_NOT_FOUND', { cause: error }) : error
  })
}

function reaches({ reach }: Authority, { role, workspaceIds }: InvitationRow): boolean {
  return reach === undefined || (role !== 'owner' && workspaceIds.every((id) => reach.includes(id)))
}
