import type { Command } from 'commander'
import { resolveText } from '../config.ts'
import { openApiKeys } from '../core/access/index.ts'
import type { ApiKey, ApiKeyDraft, ApiKeys, NewApiKey } from '../core/access/index.ts'
import { toRfc3339 } from '../lib/time.ts'
import { CdpError } from '../model/errors.ts'
import { KEY_SCOPES } from '../model/workspace.ts'
import type { KeyScope } from '../model/workspace.ts'
import { collect, usage } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { print } from './output.ts'
import { findNamedWorkspace } from './workspace-argument.ts'
import { withDatabase } from './with-database.ts'

interface JsonOption {
  json?: boolean
}

interface CreateOptions extends JsonOption {
  scope: string
  permission: string[]
  secret?: string
}

type Work = (keys: ApiKeys, workspaceId: number) => Promise<void>

/** Adds `tributary keys`, with a command for each thing that can be done to one. */
export function addKeys({ program, run }: CommandLine): void {
  const perform = (workspace: string, work: Work): Promise<void> =>
    run(
      (config, { logger }) =>
        withDatabase(config, logger, async (db) =>
          work(openApiKeys(db), (await findNamedWorkspace(db, workspace)).id),
        ),
      'stderr',
    )
  const group = program
    .command('keys')
    .description('make, list, rotate and revoke the API keys of a workspace')
  const add = (usage: string, description: string): Command =>
    group.command(usage).description(description).option('--json', 'print JSON')
  add('list <workspace>', 'list the living keys, without their secrets').action(
    (workspace: string, options: JsonOption) =>
      perform(workspace, async (keys, workspaceId) => printKeys(await keys.list(workspaceId), options)),
  )
  add('create <workspace>', 'make a key; its secret is shown only now')
    .requiredOption('--scope <scope>', `what the key opens: ${KEY_SCOPES.join(', ')}`)
    .option(
      '--permission <permission>',
      'may be given many times; what the scope usually has when left out',
      collect,
      [],
    )
    .option('--secret <secret>', 'a secret of your own, or env:NAME; generated when left out')
    .action((workspace: string, options: CreateOptions) => {
      const draft = (): ApiKeyDraft => draftOf(options)
      return perform(workspace, async (keys, id) => printSecret(await keys.create(id, draft()), options))
    })
  add('revoke <workspace> <key>', 'end a key, named by its id or its prefix').action(
    (workspace: string, key: string, options: JsonOption) =>
      perform(workspace, (keys, id) => revoke(keys, id, key, options)),
  )
  add('rotate <workspace> <key>', 'end a key and make one with the same scope and permissions').action(
    (workspace: string, key: string, options: JsonOption) =>
      perform(workspace, async (keys, id) =>
        printSecret(await keys.rotate(id, (await findKey(keys, id, key)).id), options),
      ),
  )
}

/** @throws CommanderError CDP_CONFIG_INVALID the variable of the secret is not set */
function draftOf({ scope, permission, secret }: CreateOptions): ApiKeyDraft {
  if (!isScope(scope)) throw usage(`--scope must be one of ${KEY_SCOPES.join(', ')}`)
  return {
    scope,
    ...(permission.length > 0 && { permissions: permission }),
    ...(secret !== undefined && { secret: resolveText('--secret', secret) }),
  }
}

function isScope(text: string): text is KeyScope {
  return KEY_SCOPES.some((scope) => scope === text)
}

async function revoke(keys: ApiKeys, workspaceId: number, named: string, options: JsonOption): Promise<void> {
  const key = await findKey(keys, workspaceId, named)
  await keys.revoke(workspaceId, key.id)
  const sentence = `Revoked the ${key.scope} key ${key.id} that begins with "${key.prefix}".`
  print({ json: { ...show(key), revoked: true }, table: [[sentence]] }, options)
}

/** @throws CDP_API_KEY_NOT_FOUND; CommanderError several keys begin like this */
async function findKey(keys: ApiKeys, workspaceId: number, named: string): Promise<ApiKey> {
  const all = await keys.list(workspaceId)
  const byId = all.filter(({ id }) => String(id) === named)
  const found = byId.length > 0 ? byId : all.filter(({ prefix }) => prefix === named)
  const [key, another] = found
  if (!key) throw new CdpError('CDP_API_KEY_NOT_FOUND')
  if (another) throw usage(`several keys begin with "${named}": ${found.map(({ id }) => id).join(', ')}`)
  return key
}

function printKeys(keys: readonly ApiKey[], options: JsonOption): void {
  const rows = keys.map((key) => [
    String(key.id),
    key.scope,
    `${key.prefix}…`,
    key.permissions.join(' ') || '-',
    key.managedBy,
    toRfc3339(key.createdAt),
    key.lastUsedAt === undefined ? '-' : toRfc3339(key.lastUsedAt),
  ])
  const head = ['ID', 'SCOPE', 'PREFIX', 'PERMISSIONS', 'MANAGED BY', 'CREATED', 'LAST USED']
  print({ json: keys.map(show), table: [head, ...rows] }, options)
}

function printSecret({ key, secret }: NewApiKey, options: JsonOption): void {
  const table = [
    ['id', String(key.id)],
    ['scope', key.scope],
    ['permissions', key.permissions.join(' ') || '-'],
    ['secret', `${secret} (shown only now)`],
  ]
  print({ json: { ...show(key), secret }, table }, options)
}

function show(key: ApiKey): object {
  const lastUsedAt = key.lastUsedAt === undefined ? null : toRfc3339(key.lastUsedAt)
  return { ...key, createdAt: toRfc3339(key.createdAt), lastUsedAt }
}
