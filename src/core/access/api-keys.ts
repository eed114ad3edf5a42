import { newSecret, sha256 } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { FORMATS } from '../../model/formats.ts'
import type { KeyScope, ManagedBy } from '../../model/workspace.ts'
import { findApiKeysOf, insertApiKey, revokeApiKey } from '../../storage/api-keys.ts'
import type { DatedApiKeyRow } from '../../storage/api-keys.ts'
import { brokenUniqueConstraint } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { newId } from '../../storage/id-blocks.ts'
import { COMMAND_LINE, act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { keyOfDomain } from './domain-keys.ts'
import type { DomainKey } from './domain-keys.ts'
import type { KeyUses } from './key-uses.ts'

/** A key as lists show it: never its secret, which is stored as a hash only. */
export interface ApiKey {
  id: number
  scope: KeyScope
  /** The first characters of the secret, to tell keys apart. */
  prefix: string
  permissions: readonly string[]
  managedBy: ManagedBy
  createdAt: Instant
  /** When it last opened something, itself or by a token that it bought; other processes' uses at most a minute old. */
  lastUsedAt: Instant | undefined
}

/** A key that was just made; the only moment at which its secret is seen. */
export interface NewApiKey {
  key: ApiKey
  secret: string
}

/** What a new key is. */
export interface ApiKeyDraft {
  scope: KeyScope
  /** {@link defaultPermissions} when left out. */
  permissions?: readonly string[]
  /** Generated when left out. */
  secret?: string
}

/** The keys of workspaces, as they are managed at run time. Without an actor somebody at the command line acts. */
export interface ApiKeys {
  /** The living keys, in the order in which they were made. */
  list(workspaceId: number): Promise<ApiKey[]>
  /** @throws CDP_BODY_INVALID secret or permission of a wrong form; CDP_API_KEY_TAKEN the secret opens something */
  create(workspaceId: number, draft: ApiKeyDraft, by?: Actor): Promise<NewApiKey>
  /** Ends a key. @throws CDP_API_KEY_NOT_FOUND CDP_MANAGED_BY_CONFIG */
  revoke(workspaceId: number, apiKeyId: number, by?: Actor): Promise<void>
  /** Ends a key and makes one with the same scope and permissions in its place. @throws as {@link ApiKeys.revoke} */
  rotate(workspaceId: number, apiKeyId: number, by?: Actor): Promise<NewApiKey>
  /** See {@link keyOfDomain}. */
  ofDomain(workspaceId: number, domain: string, by?: Actor): Promise<DomainKey>
}

/**
 * Opens the management of keys. Another process notices a change when it has forgotten what it read.
 * @param uses what this process noted and may not have saved yet
 */
export function openApiKeys(db: Database, uses?: KeyUses): ApiKeys {
  return {
    list: async (workspaceId) =>
      (await findApiKeysOf(db.general, workspaceId)).map((row) =>
        withLastUse(toApiKey(row), workspaceId, uses),
      ),
    create: (workspaceId, draft, by = COMMAND_LINE) =>
      act(db, by, async (tx) => {
        const made = await createApiKey(tx, db, workspaceId, draft)
        await note(tx, by, 'key.create', workspaceId, made.key)
        return made
      }),
    revoke: async (workspaceId, apiKeyId, by = COMMAND_LINE) => {
      await act(db, by, async (tx) => {
        const row = await findManageable(tx, workspaceId, apiKeyId)
        await revokeApiKey(tx, row, now())
        await note(tx, by, 'key.revoke', workspaceId, toApiKey(row))
        return true
      })
    },
    rotate: (workspaceId, apiKeyId, by = COMMAND_LINE) =>
      act(db, by, async (tx) => {
        const row = await findManageable(tx, workspaceId, apiKeyId)
        await revokeApiKey(tx, row, now())
        const { scope, permissions } = row
        const made = await createApiKey(tx, db, workspaceId, { scope, permissions })
        await note(tx, by, 'key.rotate', workspaceId, made.key, { replaces: apiKeyId })
        return made
      }),
    ofDomain: (workspaceId, domain, by = COMMAND_LINE) =>
      act(db, by, (tx) => {
        const make = async (secret: string): Promise<ApiKey> => {
          const { key } = await createApiKey(tx, db, workspaceId, { scope: 'tracker', secret })
          await note(tx, by, 'key.create', workspaceId, key, { domain })
          return key
        }
        return keyOfDomain(tx, { workspaceId, domain }, make)
      }),
  }
}

function withLastUse(key: ApiKey, workspaceId: number, uses: KeyUses | undefined): ApiKey {
  const noted = uses?.lastOf(workspaceId, key.id) ?? key.lastUsedAt
  return noted === undefined ? key : { ...key, lastUsedAt: Math.max(noted, key.lastUsedAt ?? noted) }
}

async function note(
  tx: Transaction,
  actor: Actor,
  action: string,
  workspaceId: number,
  { id, scope, permissions }: ApiKey,
  more: object = {},
): Promise<void> {
  await record(tx, { actor, workspaceId, action, object: id, detail: { scope, permissions, ...more } })
}

/** Scopes whose keys end up in browsers and apps, where anybody can read them. */
const PUBLIC_SCOPES: ReadonlySet<KeyScope> = new Set<KeyScope>(['profile', 'tracker', 'ai'])

/** What a key may do that says nothing about it: all when it is a server's, nothing when anybody can read it. */
export function defaultPermissions(scope: KeyScope): readonly string[] {
  return PUBLIC_SCOPES.has(scope) ? [] : ['*']
}

/** Characters of a secret that lists may show, and at most a quarter of it. */
const PREFIX_LENGTH_MAX = 4

/** The part of a secret that lists may show. */
export function visiblePrefix(secret: string): string {
  return secret.slice(0, Math.min(PREFIX_LENGTH_MAX, Math.floor(secret.length / 4)))
}

/** Makes a key inside a transaction. @throws as {@link ApiKeys.create} */
export async function createApiKey(
  tx: Transaction,
  db: Database,
  workspaceId: number,
  { scope, permissions = defaultPermissions(scope), secret = newSecret(secretPrefix(scope)) }: ApiKeyDraft,
): Promise<NewApiKey> {
  requireCredential(secret, '/secret')
  permissions.forEach((permission, place) => requireCredential(permission, `/permissions/${place}`))
  const row: DatedApiKeyRow = {
    workspaceId,
    apiKeyId: await newId(db.general, 'api_key'),
    scope,
    secretHash: sha256(secret),
    prefix: visiblePrefix(secret),
    permissions,
    managedBy: 'api',
    createdAt: now(),
    lastUsedAt: undefined,
  }
  await insertApiKey(tx, row, row.createdAt).catch((error: unknown) => {
    throw brokenUniqueConstraint(error) === undefined ? error : new CdpError('CDP_API_KEY_TAKEN')
  })
  return { key: toApiKey(row), secret }
}

/** Tells people and secret scanners what they look at; the vendors' own keys have no such mark. */
function secretPrefix(scope: KeyScope): string {
  return scope === 'native' ? 'tk_' : ''
}

function requireCredential(text: string, pointer: string): void {
  if (FORMATS.credential.accepts(text)) return
  throw new CdpError('CDP_BODY_INVALID', {
    pointer,
    detail: `${pointer.slice(1)}: ${FORMATS.credential.rule}`,
  })
}

async function findManageable(
  tx: Transaction,
  workspaceId: number,
  apiKeyId: number,
): Promise<DatedApiKeyRow> {
  const row = (await findApiKeysOf(tx, workspaceId)).find((candidate) => candidate.apiKeyId === apiKeyId)
  if (!row) throw new CdpError('CDP_API_KEY_NOT_FOUND')
  if (row.managedBy === 'config') throw new CdpError('CDP_MANAGED_BY_CONFIG')
  return row
}

function toApiKey(row: DatedApiKeyRow): ApiKey {
  const { apiKeyId: id, scope, prefix, permissions, managedBy, createdAt, lastUsedAt } = row
  return { id, scope, prefix, permissions, managedBy, createdAt, lastUsedAt }
}
