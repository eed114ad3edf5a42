import { newSecret, newUuid, sha256 } from '../../lib/ids.ts'
import { DAY_MS, fromNow, now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { NO_WORKSPACE } from '../../model/message.ts'
import { READER_ROLE } from '../../model/roles.ts'
import type { UserRole } from '../../model/roles.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database, Queryable, Transaction } from '../../storage/db.ts'
import {
  closeInvitation,
  findInvitation,
  findInvitations,
  insertInvitation,
  takeInvitation,
} from '../../storage/invitations.ts'
import type { InvitationRow } from '../../storage/invitations.ts'
import { findOperatorByEmail } from '../../storage/operators.ts'
import type { Membership } from '../../storage/users.ts'
import { hashPassword } from '../access/index.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { authorityOfInviter, requireGivable, requireRank, toMemberships } from './authority.ts'
import type { Authority } from './authority.ts'
import type { Messages } from '../messages/index.ts'
import { createUser } from './manage.ts'
import { PASSWORD_POLICY, requirePassword } from './password-policy.ts'

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

/** What a page says about an invitation before it is accepted. */
export interface ShownInvitation {
  email: string
  /** The name of its first workspace, or of the product. */
  workspace: string
  /** As a sentence without its full stop. */
  passwordRules: string
}

/** What invitations work with. */
export interface InvitationsContext {
  db: Database
  messages: Messages
  /** Where the pages of this server answer, without a slash at the end. */
  publicUrl: string
}

/** How people become users without anybody else knowing their password. */
export interface Invitations {
  /**
   * Mails a link to whom it is for.
   * @returns the invitation and its token, which is shown only now
   * @throws CDP_USER_TAKEN CDP_WORKSPACE_NOT_FOUND CDP_ROLE_NOT_FOUND CDP_PERMISSION_MISSING
   */
  create(authority: Authority, draft: InvitationDraft): Promise<{ invitation: Invitation; token: string }>
  /**
   * Tells what an invitation is for without accepting it.
   * @throws CDP_INVITATION_NOT_FOUND
   */
  show(token: string): Promise<ShownInvitation>
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
export function openInvitations(context: InvitationsContext): Invitations {
  const { db } = context
  const list = async (authority: Authority): Promise<Invitation[]> =>
    (await guarded(() => findInvitations(db.general, now()))).filter((row) => reaches(authority, row))
  return {
    list,
    show: (token) => showInvitation(db, token),
    create: (authority, draft) => createInvitation(context, authority, draft),
    revoke: async (authority, invitationId) => {
      const row = (await list(authority)).find((candidate) => candidate.invitationId === invitationId)
      if (!row) throw new CdpError('CDP_INVITATION_NOT_FOUND')
      const { actor, workspaceId } = authority
      await act(db, actor, async (tx) => {
        await closeInvitation(tx, invitationId, now())
        await record(tx, { actor, workspaceId, action: 'invitation.revoke', object: row.email })
        return true
      })
    },
    accept: (token, password, from) => acceptInvitation(db, token, password, from),
  }
}

async function showInvitation(db: Database, token: string): Promise<ShownInvitation> {
  const row = await guarded(() => findInvitation(db.general, sha256(token), now()))
  if (!row) throw new CdpError('CDP_INVITATION_NOT_FOUND')
  const workspace = await guarded(() => placeOf(db.general, row))
  return { email: row.email, workspace: workspace.name, passwordRules: PASSWORD_POLICY }
}

/** Where somebody is invited to: the first workspace, or the installation where no workspace is named. */
async function placeOf(
  db: Queryable,
  { workspaceIds }: Pick<InvitationRow, 'workspaceIds'>,
): Promise<{ id: number; name: string }> {
  const [first] = workspaceIds
  const found = (await findWorkspaces(db)).find(({ id }) => id === first)
  return found ?? { id: NO_WORKSPACE, name: 'Tributary' }
}

async function mailInvitation(
  { messages, publicUrl }: InvitationsContext,
  tx: Transaction,
  invitation: InvitationRow,
  token: string,
): Promise<void> {
  const { id: workspaceId, name: workspace } = await placeOf(tx, invitation)
  const link = new URL(`${publicUrl}/account/user-invitation`)
  link.searchParams.set('token', token)
  await messages.enqueue(tx, {
    workspaceId,
    channel: 'mail',
    template: 'user-invitation',
    recipient: invitation.email,
    values: { link: link.href, workspace, expires: fromNow(LIFE_MS / 1000) },
  })
}

async function createInvitation(
  context: InvitationsContext,
  authority: Authority,
  { email: written, role, workspaces, workspaceRole = READER_ROLE.name }: InvitationDraft,
): Promise<{ invitation: Invitation; token: string }> {
  requireRank(authority, role)
  const { actor, workspaceId } = authority
  const email = written.toLowerCase()
  const places = workspaces.map((guid) => ({ guid, role: workspaceRole }))
  return act(context.db, actor, async (tx) => {
    if (await findOperatorByEmail(tx, email)) throw new CdpError('CDP_USER_TAKEN')
    const token = newSecret('')
    const workspaceIds = (await toMemberships(tx, authority, places)).map((place) => place.workspaceId)
    const times = { createdAt: now(), expiresAt: now() + LIFE_MS }
    const row = { invitationId: newUuid(), email, role, workspaceRole, workspaceIds, ...times }
    const { userId, keyId } = authority
    const invitation = { ...row, invitedBy: actor.label, inviter: { userId, workspaceId, keyId } }
    await insertInvitation(tx, invitation, sha256(token))
    await mailInvitation(context, tx, invitation, token)
    await record(tx, { actor, workspaceId, action: 'invitation.create', object: email, detail: { role } })
    return { invitation, token }
  })
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
