import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/**
 * What an account may do: `active` all; `unconfirmed` all, but its mailbox is not proven; `inactive` and `awaiting_pin`
 * nothing before the link or the PIN came back; `deleted` nothing any more.
 */
export type AccountState = 'active' | 'unconfirmed' | 'inactive' | 'awaiting_pin' | 'deleted'

/** A login of a person in a workspace's shop or app, as stored. */
export interface AccountRow {
  workspaceId: number
  accountId: string
  /** As it was when the account was made or joined a profile; merges since are followed by who reads it. */
  profileId: number
  /** The mailbox, in normal form. */
  email: string | undefined
  /** Whether the e-mail is what the person logs in by: then it is one account's alone. */
  emailIsName: boolean
  customId: string | undefined
  /** argon2id in PHC form; undefined for who only logs in elsewhere. */
  passwordHash: string | undefined
  state: AccountState
  /** When the person showed that the mailbox is theirs. */
  emailVerifiedAt: Instant | undefined
  /** The device that registered. */
  deviceId: string | undefined
  createdAt: Instant
}

interface StoredAccount {
  workspace_id: number
  account_id: string
  profile_id: number
  email: string | null
  email_is_name: boolean
  custom_id: string | null
  password_hash: string | null
  state: AccountState
  email_verified_at: Date | null
  device_id: string | null
  created_at: Date
}

const COLUMNS = `workspace_id, account_id, profile_id, email, custom_id, password_hash, state, email_verified_at,
  device_id, created_at, email_is_name`

const insertNew = prepared(
  'account-insert',
  `insert into account (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
)

// Unique index account_email.
const byEmail = prepared<StoredAccount>(
  'account-by-email',
  `select ${COLUMNS} from account where workspace_id = $1 and email = $2 and email_is_name and deleted_at is null`,
)

// Unique index account_custom_id.
const byCustomId = prepared<StoredAccount>(
  'account-by-custom-id',
  `select ${COLUMNS} from account where workspace_id = $1 and custom_id = $2 and deleted_at is null`,
)

// Primary key.
const byId = prepared<StoredAccount>(
  'account-by-id',
  `select ${COLUMNS} from account where workspace_id = $1 and account_id = $2 and deleted_at is null`,
)

// Primary key; whoever changes the account waits until the transaction ends.
const lockById = prepared<StoredAccount>(
  'account-lock',
  `select ${COLUMNS} from account where workspace_id = $1 and account_id = $2 and deleted_at is null for update`,
)

// Index account_profile.
const onProfiles = prepared<{ account_id: string }>(
  'account-on-profiles',
  'select account_id from account where workspace_id = $1 and profile_id = any($2::bigint[]) limit 1',
)

const moveTo = prepared(
  'account-move',
  'update account set profile_id = $3 where workspace_id = $1 and account_id = $2 and email = $4 and deleted_at is null',
)

const dropIdentities = prepared(
  'account-drop-identities',
  'delete from account_identity where workspace_id = $1 and account_id = $2',
)

// Primary keys of both tables. A deleted account is found too: who deleted it does not get a new one by the old login.
const byIdentity = prepared<StoredAccount>(
  'account-by-identity',
  `select ${COLUMNS} from account join account_identity using (workspace_id, account_id)
    where workspace_id = $1 and provider = $2 and subject = $3`,
)

// Index account_identity_account.
const identitiesOf = prepared<IdentityAddress>(
  'account-identities',
  'select provider, subject from account_identity where workspace_id = $1 and account_id = $2 order by provider',
)

const insertIdentityRow = prepared(
  'account-identity-insert',
  `insert into account_identity (workspace_id, provider, subject, account_id) values ($1, $2, $3, $4)`,
)

const confirm = prepared(
  'account-confirm',
  `update account set state = 'active', profile_id = $3, email_verified_at = $4
    where workspace_id = $1 and account_id = $2 and deleted_at is null`,
)

const changeEmail = prepared(
  'account-change-email',
  `update account set email = $3, email_verified_at = $4
    where workspace_id = $1 and account_id = $2 and deleted_at is null`,
)

const setHash = prepared(
  'account-set-password',
  `update account set password_hash = $3, password_changed_at = $4
    where workspace_id = $1 and account_id = $2 and deleted_at is null`,
)

const remove = prepared(
  'account-delete',
  `update account set state = 'deleted', deleted_at = $3, password_hash = null
    where workspace_id = $1 and account_id = $2 and deleted_at is null`,
)

const releaseUnproven = prepared<{ account_id: string }>(
  'account-release-email',
  `update account set email = null
    where workspace_id = $1 and email = $2 and email_is_name and account_id <> $3
      and email_verified_at is null and deleted_at is null
    returning account_id`,
)

/** Stores a new account. */
export async function insertAccount(db: Queryable, row: AccountRow): Promise<void> {
  await insertNew(db, [
    row.workspaceId,
    row.accountId,
    row.profileId,
    row.email ?? null,
    row.customId ?? null,
    row.passwordHash ?? null,
    row.state,
    row.emailVerifiedAt === undefined ? null : toRfc3339(row.emailVerifiedAt),
    row.deviceId ?? null,
    toRfc3339(row.createdAt),
    row.emailIsName,
  ])
}

type AccountKey = Pick<AccountRow, 'workspaceId' | 'accountId'>

/** The living account, which nobody else changes until the transaction ends. */
export async function lockAccount(
  tx: Queryable,
  { workspaceId, accountId }: AccountKey,
): Promise<AccountRow | undefined> {
  const [row] = await lockById(tx, [workspaceId, accountId])
  return row && fromStored(row)
}

/** Whether somebody has, or had, an account on one of these profiles. */
export async function hasAccount(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<boolean> {
  return (await onProfiles(db, [workspaceId, profileIds])).length > 0
}

/** Puts an account onto another profile, while its e-mail is still this one. */
export async function moveAccount(
  db: Queryable,
  { workspaceId, accountId, email = null }: AccountKey & { email?: string | undefined | null },
  profileId: number,
): Promise<void> {
  await moveTo(db, [workspaceId, accountId, profileId, email])
}

/** Takes away every identity of an account. */
export async function deleteIdentities(db: Queryable, { workspaceId, accountId }: AccountKey): Promise<void> {
  await dropIdentities(db, [workspaceId, accountId])
}

/** How an account is addressed. E-mail and custom id in normal form. */
export type AccountAddress = { email: string } | { customId: string } | { accountId: string }

/** The living account of a workspace. */
export async function findAccount(
  db: Queryable,
  workspaceId: number,
  address: AccountAddress,
): Promise<AccountRow | undefined> {
  const [row] = await rowsAt(db, workspaceId, address)
  return row && fromStored(row)
}

function rowsAt(db: Queryable, workspaceId: number, address: AccountAddress): Promise<StoredAccount[]> {
  if ('email' in address) return byEmail(db, [workspaceId, address.email])
  if ('customId' in address) return byCustomId(db, [workspaceId, address.customId])
  return byId(db, [workspaceId, address.accountId])
}

/** Who somebody is to an identity provider. */
export interface IdentityAddress {
  provider: string
  subject: string
}

/** The account of an identity, also when it is deleted. */
export async function findAccountOfIdentity(
  db: Queryable,
  workspaceId: number,
  { provider, subject }: IdentityAddress,
): Promise<AccountRow | undefined> {
  const [row] = await byIdentity(db, [workspaceId, provider, subject])
  return row && fromStored(row)
}

/** Who the person of an account is to identity providers. */
export async function findIdentities(
  db: Queryable,
  { workspaceId, accountId }: Pick<AccountRow, 'workspaceId' | 'accountId'>,
): Promise<IdentityAddress[]> {
  return identitiesOf(db, [workspaceId, accountId])
}

/** Gives an account an identity. */
export async function insertIdentity(
  db: Queryable,
  { workspaceId, accountId }: Pick<AccountRow, 'workspaceId' | 'accountId'>,
  { provider, subject }: IdentityAddress,
): Promise<void> {
  await insertIdentityRow(db, [workspaceId, provider, subject, accountId])
}

/** What the proof of a mailbox makes of an account. */
export interface Confirmation {
  profileId: number
  at: Instant
}

/** Makes an account active, on a profile, with its e-mail proven. */
export async function confirmAccount(
  db: Queryable,
  { workspaceId, accountId }: Pick<AccountRow, 'workspaceId' | 'accountId'>,
  { profileId, at }: Confirmation,
): Promise<void> {
  await confirm(db, [workspaceId, accountId, profileId, toRfc3339(at)])
}

/** Takes an e-mail from whoever claimed it without proof, but from one account. @returns ids of those who lost it */
export async function releaseEmail(
  db: Queryable,
  workspaceId: number,
  email: string,
  keeperId: string,
): Promise<string[]> {
  const rows = await releaseUnproven(db, [workspaceId, email, keeperId])
  return rows.map((row) => row.account_id)
}

/** Gives an account another, proven e-mail. */
export async function changeAccountEmail(
  db: Queryable,
  { workspaceId, accountId }: Pick<AccountRow, 'workspaceId' | 'accountId'>,
  email: string,
  at: Instant,
): Promise<void> {
  await changeEmail(db, [workspaceId, accountId, email, toRfc3339(at)])
}

/** Gives an account another password. */
export async function setAccountPassword(
  db: Queryable,
  { workspaceId, accountId }: Pick<AccountRow, 'workspaceId' | 'accountId'>,
  passwordHash: string,
  at: Instant,
): Promise<void> {
  await setHash(db, [workspaceId, accountId, passwordHash, toRfc3339(at)])
}

/** Ends an account for ever. */
export async function deleteAccount(
  db: Queryable,
  { workspaceId, accountId }: Pick<AccountRow, 'workspaceId' | 'accountId'>,
  at: Instant,
): Promise<void> {
  await remove(db, [workspaceId, accountId, toRfc3339(at)])
}

function fromStored(row: StoredAccount): AccountRow {
  return {
    workspaceId: row.workspace_id,
    accountId: row.account_id,
    profileId: row.profile_id,
    email: row.email ?? undefined,
    emailIsName: row.email_is_name,
    customId: row.custom_id ?? undefined,
    passwordHash: row.password_hash ?? undefined,
    state: row.state,
    emailVerifiedAt: row.email_verified_at?.getTime(),
    deviceId: row.device_id ?? undefined,
    createdAt: row.created_at.getTime(),
  }
}
