import { sha256 } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { ManagedBy } from '../../model/workspace.ts'
import { findApiKeys, insertApiKey, revokeApiKey, takeOverApiKey } from '../../storage/api-keys.ts'
import type { ApiKeyRow } from '../../storage/api-keys.ts'
import { brokenUniqueConstraint, inTransaction } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { newId } from '../../storage/id-blocks.ts'
import { closeInvitationsOf } from '../../storage/invitations.ts'
import { forgetDevices } from '../../storage/second-factors.ts'
import { endUserSessions } from '../../storage/sessions.ts'
import { disableUser, findUsers, saveUser } from '../../storage/users.ts'
import type { UserRow } from '../../storage/users.ts'
import {
  archiveWorkspace,
  freeWorkspaceNames,
  findWorkspaceId,
  findWorkspaces,
  saveWorkspace,
} from '../../storage/workspaces.ts'
import { CONFIGURATION, record } from '../audit/index.ts'
import type { Act, Actor } from '../audit/index.ts'
import { hashPassword, verifyPassword, visiblePrefix } from '../access/index.ts'
import type { Declaration, DeclaredKey, DeclaredUser, DeclaredWorkspace } from './declaration.ts'

// Any fixed number; only this function takes this lock, so that two starters apply one after the other.
const APPLY_LOCK = 7_414_200_004

/**
 * Brings the installation to what is declared, in one transaction: the same declaration twice changes nothing.
 * What the same manager declared before and does not any more is archived, revoked or disabled; what others made
 * is left alone.
 * @throws CDP_CONFIG_INVALID a credential opens two workspaces, or a user names a workspace that is not declared
 */
export async function applyDeclaration(
  db: Database,
  declaration: Declaration,
  managedBy: ManagedBy,
): Promise<void> {
  await inTransaction(db.background, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [APPLY_LOCK])
    const ids = await applyWorkspaces(tx, db, declaration.workspaces, managedBy)
    await applyKeys(tx, db, declaration.workspaces, ids, managedBy)
    await applyUsers(tx, db, declaration.users, ids, managedBy)
  })
}

/** Whether nothing was ever declared here: the very first start. */
export async function isUntouched(db: Database): Promise<boolean> {
  return (await findWorkspaces(db.general)).length === 0 && (await findUsers(db.general)).length === 0
}

async function applyWorkspaces(
  tx: Transaction,
  db: Database,
  declared: readonly DeclaredWorkspace[],
  managedBy: ManagedBy,
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  const guids = new Set(declared.map(({ guid }) => guid.toLowerCase()))
  for (const row of await findWorkspaces(tx)) {
    if (row.managedBy !== managedBy || guids.has(row.guid)) continue
    await archiveWorkspace(tx, row.id, now())
    await note(tx, managedBy, { workspaceId: row.id, action: 'workspace.archive', object: row.name })
  }
  await freeWorkspaceNames(tx, [...guids])
  for (const { name, guid, settings } of declared) {
    const id = (await findWorkspaceId(tx, guid)) ?? (await newId(db.general, 'workspace'))
    await saveWorkspace(tx, { id, guid, name, settings, managedBy }, now()).catch((error: unknown) => {
      throw brokenUniqueConstraint(error) === undefined ? error : doubleName(name)
    })
    ids.set(name, id)
  }
  return ids
}

async function applyKeys(
  tx: Transaction,
  db: Database,
  declared: readonly DeclaredWorkspace[],
  ids: ReadonlyMap<string, number>,
  managedBy: ManagedBy,
): Promise<void> {
  const wanted = declared.flatMap(({ name, keys }) => keys.map((key) => ({ key, workspace: name })))
  const rows = await Promise.all(
    wanted.map(async ({ key, workspace }) =>
      toRow(key, ids.get(workspace) ?? 0, await newId(db.general, 'api_key'), managedBy),
    ),
  )
  refuseDoubles(rows)
  const stored = await findApiKeys(tx)
  for (const row of stored) {
    const stillWanted = rows.some((other) => sameKey(other, row))
    if (row.managedBy === managedBy && !stillWanted) await revoke(tx, row, managedBy)
    else if (!stillWanted && rows.some((other) => other.secretHash.equals(row.secretHash)))
      throw doubleKey(row)
  }
  for (const row of rows) {
    const existing = stored.find((other) => sameKey(other, row))
    if (existing) await takeOverApiKey(tx, { ...existing, permissions: row.permissions, managedBy })
    else await insert(tx, row, managedBy)
  }
}

async function revoke(tx: Transaction, row: ApiKeyRow, managedBy: ManagedBy): Promise<void> {
  await revokeApiKey(tx, row, now())
  await note(tx, managedBy, { workspaceId: row.workspaceId, action: 'key.revoke', object: row.apiKeyId })
}

async function insert(tx: Transaction, row: ApiKeyRow, managedBy: ManagedBy): Promise<void> {
  await insertApiKey(tx, row, now())
  const { workspaceId, apiKeyId: object, scope, permissions } = row
  await note(tx, managedBy, { workspaceId, action: 'key.create', object, detail: { scope, permissions } })
}

const FIRST_START: Actor = { kind: 'config', label: 'first start' }

/** Only what changes is written down: the same declaration twice leaves no trace. */
async function note(tx: Transaction, managedBy: ManagedBy, act: Omit<Act, 'actor'>): Promise<void> {
  await record(tx, { ...act, actor: managedBy === 'config' ? CONFIGURATION : FIRST_START })
}

function doubleName(name: string): CdpError {
  const detail = `There is another workspace named "${name}"; give this one another name or that one's guid.`
  return new CdpError('CDP_CONFIG_INVALID', { detail })
}

function toRow(key: DeclaredKey, workspaceId: number, apiKeyId: number, managedBy: ManagedBy): ApiKeyRow {
  const { scope, secret, permissions } = key
  const secretHash = sha256(secret)
  return {
    workspaceId,
    apiKeyId,
    scope,
    secretHash,
    prefix: visiblePrefix(secret),
    permissions,
    managedBy,
  }
}

function sameKey(left: ApiKeyRow, right: ApiKeyRow): boolean {
  return (
    left.workspaceId === right.workspaceId &&
    left.scope === right.scope &&
    left.secretHash.equals(right.secretHash)
  )
}

function refuseDoubles(rows: readonly ApiKeyRow[]): void {
  const seen = new Set<string>()
  for (const row of rows) {
    const hash = row.secretHash.toString('hex')
    if (seen.has(hash)) throw doubleKey(row)
    seen.add(hash)
  }
}

function doubleKey(row: ApiKeyRow): CdpError {
  const detail = `The ${row.scope} credential that begins with "${row.prefix}" is declared twice: a credential opens one workspace in one scope.`
  return new CdpError('CDP_CONFIG_INVALID', { detail })
}

async function applyUsers(
  tx: Transaction,
  db: Database,
  declared: readonly DeclaredUser[],
  ids: ReadonlyMap<string, number>,
  managedBy: ManagedBy,
): Promise<void> {
  const stored = await findUsers(tx)
  for (const row of stored) {
    const stillWanted = declared.some(({ email }) => email.toLowerCase() === row.email)
    if (row.managedBy !== managedBy || stillWanted) continue
    await disableUser(tx, row.userId, now())
    await endUserSessions(tx, row.userId, now())
    await closeInvitationsOf(tx, row.userId, now())
    await note(tx, managedBy, { action: 'user.disable', object: row.email })
  }
  for (const user of declared) {
    const email = user.email.toLowerCase()
    const existing = stored.find((row) => row.email === email)
    const userId = existing?.userId ?? (await newId(db.general, 'user'))
    const secrets = await passwordHashes(user.password, existing)
    await saveUser(
      tx,
      { userId, email, ...secrets, role: user.role, managedBy },
      workspaceIdsOf(user, ids),
      now(),
    )
    if (!existing)
      await note(tx, managedBy, { action: 'user.create', object: email, detail: { role: user.role } })
    else if (existing.passwordHash !== secrets.passwordHash) {
      await endUserSessions(tx, userId, now())
      await forgetDevices(tx, userId)
    }
  }
}

/** The stored password stays unless the declared text itself has changed since it was last applied. */
async function passwordHashes(
  password: string,
  existing: UserRow | undefined,
): Promise<{ passwordHash: string; declaredPasswordHash: string }> {
  const declared = existing?.declaredPasswordHash
  if (existing && declared !== undefined && (await verifyPassword(password, declared))) {
    return { passwordHash: existing.passwordHash, declaredPasswordHash: declared }
  }
  const passwordHash = await hashPassword(password)
  return { passwordHash, declaredPasswordHash: passwordHash }
}

function workspaceIdsOf(user: DeclaredUser, ids: ReadonlyMap<string, number>): number[] {
  return user.workspaces.map((name) => {
    const id = ids.get(name)
    if (id !== undefined) return id
    const detail = `User ${user.email} names the workspace "${name}", which is not declared.`
    throw new CdpError('CDP_CONFIG_INVALID', { detail })
  })
}
