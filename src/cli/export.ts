import { stat } from 'node:fs/promises'
import { readColumns, settleContent, writeExport } from '../core/exports/index.ts'
import type { ContentDraft, ExportPlan } from '../core/exports/index.ts'
import { findNamedSegment } from '../core/segments/index.ts'
import { parseInstant } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { CdpError } from '../model/errors.ts'
import { EXPORT_FORMATS, EXPORT_KINDS } from '../model/export.ts'
import type { ExportFormat, ExportKind } from '../model/export.ts'
import { openInstallation } from '../installation.ts'
import type { Database } from '../storage/db.ts'
import { collect, usage } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { openProgress } from './progress.ts'
import { runUntilSignal } from './run-until-signal.ts'
import { openTarget } from './target-file.ts'
import { findNamedWorkspace } from './workspace-argument.ts'

/** Options of `tributary export`, as commander gives them. */
interface ExportOptions {
  workspace: string
  kind: string
  format?: string
  field: string[]
  segment?: string
  from?: string
  to?: string
  name: string[]
  gzip?: boolean
}

/** Adds `tributary export`. */
export function addExport({ program, run }: CommandLine): void {
  program
    .command('export <file>')
    .description('write profiles or events into a file, or to stdout (-), as they are at one instant')
    .requiredOption('--workspace <name>', 'name or guid of the workspace')
    .option('--kind <kind>', 'what the rows are: profiles or events', 'profiles')
    .option('--format <format>', 'ndjson, csv or parquet; told by the name of the file when left out')
    .option(
      '--field <name>',
      'a column; may be given many times, all that there is when left out',
      collect,
      [],
    )
    .option('--segment <name>', 'only the profiles of this segment: its name or id')
    .option('--from <time>', 'only events that happened then or later')
    .option('--to <time>', 'only events that happened earlier')
    .option('--name <event>', 'only events of this name; may be given many times', collect, [])
    .option('--gzip', 'compress the file; told by the name of the file when it ends in .gz')
    .action((file: string, options: ExportOptions) => runExport(run, file, options))
}

async function runExport(run: CommandLine['run'], file: string, options: ExportOptions): Promise<void> {
  await runUntilSignal(run, async (config, { logger }, signal) => {
    const wanted = await readWanted(file, options)
    const installation = await openInstallation(config, 'guest', logger, signal)
    try {
      const plan = await planOf(installation.db, wanted, options)
      await exportTo(installation.db, plan, file, signal)
    } finally {
      await installation.close()
    }
  })
}

/** What the arguments say before the database is asked. */
interface Wanted {
  kind: ExportKind
  format: ExportFormat
  isGzip: boolean
}

/** @throws CommanderError wrong usage */
async function readWanted(file: string, options: ExportOptions): Promise<Wanted> {
  const kind = EXPORT_KINDS.find((known) => known === options.kind)
  const name = options.format ?? /\.(csv|parquet)(\.gz)?$/.exec(file)?.[1] ?? 'ndjson'
  const format = EXPORT_FORMATS.find((known) => known === name)
  const isGzip = options.gzip ?? file.endsWith('.gz')
  if (!kind) throw usage(`--kind must be one of ${EXPORT_KINDS.join(', ')}`)
  if (!format) throw usage(`--format must be one of ${EXPORT_FORMATS.join(', ')}`)
  if (isGzip && format === 'parquet') throw usage('parquet compresses inside: leave --gzip and .gz out')
  const { segment, from, to } = options
  if (kind === 'events' && segment !== undefined) throw usage('--segment is for profiles')
  if (kind === 'profiles' && (from !== undefined || to !== undefined || options.name.length > 0))
    throw usage('--from, --to and --name are for events')
  const found = await stat(file).catch(() => undefined)
  if (found && !found.isFile()) throw usage(`${file} is there and is no file`)
  return { kind, format, isGzip }
}

/** @throws CommanderError there is no such workspace, segment or field; CDP_BODY_INVALID as {@link settleContent} */
async function planOf(db: Database, wanted: Wanted, options: ExportOptions): Promise<ExportPlan> {
  const workspace = await findNamedWorkspace(db, options.workspace)
  const { kind, ...form } = wanted
  const draft = await draftOf(db, workspace.id, kind, options)
  const content = await settleContent(db.general, workspace.id, draft).catch((error: unknown) => {
    throw error instanceof CdpError && error.code === 'CDP_COMPUTED_NOT_FOUND' ? usage(error.message) : error
  })
  return { workspace, ...form, content }
}

async function draftOf(
  db: Database,
  workspaceId: number,
  kind: ExportKind,
  options: ExportOptions,
): Promise<ContentDraft> {
  const columns = readColumns(kind, options.field.length > 0 ? options.field : undefined)
  if (kind === 'profiles') {
    const { segment: named } = options
    const found = named === undefined ? undefined : await findNamedSegment(db, workspaceId, named)
    if (named !== undefined && !found) throw usage(`there is no segment "${named}"`)
    return { kind, columns, ...(found && { segmentId: found.segmentId }) }
  }
  const [from, to] = [instantOf('--from', options.from), instantOf('--to', options.to)]
  return {
    kind,
    columns,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(options.name.length > 0 && { names: options.name }),
  }
}

function instantOf(option: string, text: string | undefined): Instant | undefined {
  const instant = text === undefined ? undefined : parseInstant(text)
  if (text !== undefined && instant === undefined) throw usage(`${option} must be an RFC 3339 time or a date`)
  return instant
}

/** Writes beside a running server, and nothing under the file's own name before it is whole. */
async function exportTo(db: Database, plan: ExportPlan, file: string, signal: AbortSignal): Promise<void> {
  const draft = await openTarget(file)
  const progress = openProgress(process.stderr, undefined)
  let rows = 0
  try {
    const onPart = (part: { rows: number; bytes: number }): void =>
      progress.tell((rows += part.rows), part.bytes)
    const written = await writeExport(db, plan, { write: draft.write, onPart }, signal)
    await draft.finish()
    progress.end()
    const out = file === '-' ? process.stderr : process.stdout
    out.write(
      `${written.rows.toLocaleString('en-US')} rows, ${written.bytes.toLocaleString('en-US')} bytes.\n`,
    )
  } catch (error) {
    progress.end()
    await draft.discard()
    throw error
  }
}
