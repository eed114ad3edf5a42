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
    perform(async (tags) => show((await tags.list(INSTALLATION, ALL)).items, options)),
  )
  add('create <name>', 'make a tag')
    .option('--color <color>', 'its colour, as #rrggbb')
    .action((name: string, options: Options & { color?: string }) =>
      perform(async (tags) =>
        show([await tags.createShared({ name, color: colorOf(options.color) }, COMMAND_LINE)], options),
      ),
    )
  add('recolor <id> <color>', 'give a tag another colour').action(
    (id: string, color: string, options: Options) =>
      perform(async (tags) => show([await tags.recolor(keyOf(id), colorOf(color), COMMAND_LINE)], options)),
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

function show(tags: readonly TagRow[], options: Options): void {
  const rows = tags.map(({ tagId, name, color, createdAt }) => ({
    id: String(tagId),
    name,
    color,
    createdAt: toRfc3339(createdAt),
  }))
  const table = [['ID', 'NAME', 'COLOUR', 'CREATED'], ...rows.map((row) => Object.values(row))]
  print({ json: rows, table }, options)
}
