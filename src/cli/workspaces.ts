import type { Command } from 'commander'
import { VENDOR_SETTINGS } from '../config.ts'
import { openWorkspaces } from '../core/workspaces/index.ts'
import type { ManagedWorkspace, Workspaces } from '../core/workspaces/index.ts'
import { isJsonObject } from '../lib/json.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Database } from '../storage/db.ts'
import { collect, usage } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { print } from './output.ts'
import { parseSettingOptions } from './setting-options.ts'
import { findNamedWorkspace } from './workspace-argument.ts'
import { withDatabase } from './with-database.ts'

interface JsonOption {
  json?: boolean
}

interface SetOptions extends JsonOption {
  set: string[]
  unset: string[]
}

type Work = (workspaces: Workspaces, db: Database) => Promise<void>

/** Adds `tributary workspaces`, with a command for each thing that can be done to one. */
export function addWorkspaces({ program, run }: CommandLine): void {
  const perform = (work: Work): Promise<void> =>
    run((config, { logger }) => withDatabase(config, logger, (db) => work(open(db), db)), 'stderr')
  const group = program.command('workspaces').description('make, configure, rename and archive workspaces')
  const add = (usage: string, description: string): Command =>
    group.command(usage).description(description).option('--json', 'print JSON')
  add('list', 'list the living workspaces').action((options: JsonOption) =>
    perform((workspaces) => list(workspaces, options)),
  )
  withSettings(add('create <name>', 'make a workspace and a first key for it, which is shown only now'))
    .option('--guid <guid>', 'its id for ever; random when left out')
    .action((name: string, options: SetOptions & { guid?: string }) =>
      perform((workspaces) => create(workspaces, name, options)),
    )
  add('rename <workspace> <name>', 'give a workspace another name').action(
    (workspace: string, name: string, options: JsonOption) =>
      perform((workspaces, db) => change(workspaces, db, workspace, { name }, options)),
  )
  withSettings(add('configure <workspace>', 'change settings of a workspace'))
    .option('--unset <key>', 'a setting that gets its default; may be given many times', collect, [])
    .action((workspace: string, options: SetOptions) =>
      perform((workspaces, db) => configure(workspaces, db, workspace, options)),
    )
  add('archive <workspace>', 'archive a workspace: its data stays, its credentials open nothing').action(
    (workspace: string, options: JsonOption) =>
      perform((workspaces, db) => archive(workspaces, db, workspace, options)),
  )
}

function withSettings(command: Command): Command {
  const meaning = 'a setting, such as timezone=Europe/Warsaw; may be given many times'
  return command.option('--set <key=value>', meaning, collect, [])
}

/** Nothing is remembered in this process; a running server forgets by itself, after two seconds. */
function open(db: Database): Workspaces {
  return openWorkspaces({ db, vendors: VENDOR_SETTINGS, onChange: () => undefined })
}

async function list(workspaces: Workspaces, options: JsonOption): Promise<void> {
  const found = await workspaces.list()
  const rows = found.map(({ guid, name, managedBy, createdAt }) => [
    name,
    guid,
    managedBy,
    toRfc3339(createdAt),
  ])
  print({ json: found.map(show), table: [['NAME', 'GUID', 'MANAGED BY', 'CREATED'], ...rows] }, options)
}

async function create(
  workspaces: Workspaces,
  name: string,
  { guid, set, json }: SetOptions & { guid?: string },
): Promise<void> {
  const settings = parseSettingOptions(workspaces.settingsSchema, { set, unset: [] })
  const draft = { name, settings, ...(guid !== undefined && { guid }) }
  const { workspace, secret } = await workspaces.create(draft)
  const table = [...tableOf(workspace), ['native key', `${secret} (shown only now)`]]
  print({ json: { ...show(workspace), apiKey: { scope: 'native', secret } }, table }, { json: json === true })
}

async function configure(
  workspaces: Workspaces,
  db: Database,
  workspace: string,
  options: SetOptions,
): Promise<void> {
  if (options.set.length + options.unset.length === 0) throw usage('give --set or --unset')
  const settings = parseSettingOptions(workspaces.settingsSchema, options)
  await change(workspaces, db, workspace, { settings }, options)
}

async function change(
  workspaces: Workspaces,
  db: Database,
  workspace: string,
  patch: object,
  options: JsonOption,
): Promise<void> {
  const { id } = await findNamedWorkspace(db, workspace)
  const changed = await workspaces.change(id, patch)
  print({ json: show(changed), table: tableOf(changed) }, options)
}

async function archive(
  workspaces: Workspaces,
  db: Database,
  workspace: string,
  options: JsonOption,
): Promise<void> {
  const { id, guid, name } = await findNamedWorkspace(db, workspace)
  await workspaces.archive(id)
  print({ json: { guid, name, archived: true }, table: [[`Archived "${name}".`]] }, options)
}

function show({ guid, name, settings, managedBy, createdAt }: ManagedWorkspace): object {
  return { guid, name, settings, managedBy, createdAt: toRfc3339(createdAt) }
}

function tableOf(workspace: ManagedWorkspace): string[][] {
  return [
    ['name', workspace.name],
    ['guid', workspace.guid],
    ['managed by', workspace.managedBy],
    ...settingRows(workspace.settings, ''),
  ]
}

/** One row a setting, named as `--set` names it. */
function settingRows(settings: Readonly<Record<string, unknown>>, prefix: string): string[][] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const isBlock = isJsonObject(value) && Object.keys(value).length > 0
    if (isBlock) return settingRows(value, `${prefix}${key}.`)
    return [[`${prefix}${key}`, typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}
