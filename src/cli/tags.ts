import type { Command } from 'commander'
import { COMMAND_LINE } from '../core/audit/index.ts'
import { INSTALLATION, openTags, readTagId } from '../core/tags/index.ts'
import type { TagRow, Tags } from '../core/tags/index.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { CommandLine } from './command-line.ts'
import { usage } from './command-line.ts'
import { print } from './output.ts'
import { withDatabase } from './with-database.ts'

interface Options {
  json?: boolean
}

/** Adds `tributary tags`: the tags of the installation, which every workspace may use and none may change. */
export function addTags({ program, run }: CommandLine): void {
  const perform = (work: (tags: Tags) => Promise<void>): Promise<void> =>
    run((config, { logger }) => withDatabase(config, logger, (db) => work(openTags(db))), 'stderr')
  const group = program.command('tags').description('make and remove tags that every workspace may use')
  const add = (usage: string, description: string): Command =>
    group.command(usage).description(description).option('--json', 'print JSON')
  add('list', 'list the tags of the installation').action((options: Options) =>
    perform(async (tags) => showAll((await tags.list(INSTALLATION, ALL)).items, options)),
  )
  add('create <name>', 'make a tag')
    .option('--color <color>', 'its colour, as #rrggbb')
    .action((name: string, options: Options & { color?: string }) =>
      perform(async (tags) =>
        showOne(await tags.createShared({ name, color: colorOf(options.color) }, COMMAND_LINE), options),
      ),
    )
  add('recolor <id> <color>', 'give a tag another colour').action(
    (id: string, color: string, options: Options) =>
      perform(async (tags) => showOne(await tags.recolor(keyOf(id), colorOf(color), COMMAND_LINE), options)),
  )
  add('remove <id>', 'remove a tag, from all profiles too; a running server takes it off them').action(
    (id: string, { json }: Options) =>
      perform(async (tags) => {
        await tags.remove(keyOf(id), REMOVED_BY, COMMAND_LINE)
        print({ json: { id, removed: true }, table: [[`Removed tag ${id}.`]] }, { json: json === true })
      }),
  )
}

const ALL = { cursor: undefined, limit: 100_000 }

/** What the change log of the profiles says. */
const REMOVED_BY = {
  dialect: 'native',
  operation: 'delete-tag',
  credential: COMMAND_LINE.label,
  traceId: '',
} as const

function keyOf(id: string): { workspaceId: number; tagId: number } {
  return { workspaceId: INSTALLATION, tagId: readTagId(id) }
}

function colorOf(text: string | undefined): string | undefined {
  if (text === undefined || /^#[0-9a-f]{6}$/i.test(text)) return text
  throw usage('a colour is written as #rrggbb')
}

function showAll(tags: readonly TagRow[], options: Options): void {
  const rows = tags.map(rowOf)
  print(
    { json: rows, table: [['ID', 'NAME', 'COLOUR', 'CREATED'], ...rows.map(Object.values<string>)] },
    options,
  )
}

function showOne(tag: TagRow, options: Options): void {
  const row = rowOf(tag)
  print({ json: row, table: Object.entries(row) }, options)
}

function rowOf({ tagId, name, color, createdAt }: TagRow): Record<string, string> {
  return { id: String(tagId), name, color, createdAt: toRfc3339(createdAt) }
}
