import { createReadStream, createWriteStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Readable } from 'node:stream'
import type { Logger } from 'pino'
import { EXIT_STATUSES } from '../config.ts'
import type { ServerConfig } from '../config.ts'
import {
  DELIMITER,
  IMPORT_FORMATS,
  IMPORT_TYPES,
  nameColumns,
  openImporter,
  parseColumns,
  readRows,
} from '../core/imports/index.ts'
import type { Column, ImportFormat, ImportRow, Importer, RefusedRow } from '../core/imports/index.ts'
import { openIngest } from '../core/ingest/index.ts'
import type { Ingest } from '../core/ingest/index.ts'
import { openLedger } from '../core/ledger/index.ts'
import { toCdpError } from '../model/errors.ts'
import { openInstallation } from '../installation.ts'
import type { Database } from '../storage/db.ts'
import { openPartitions } from '../storage/partitions.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { collect, usage } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import { openProgress } from './progress.ts'
import { findNamedWorkspace } from './workspace-argument.ts'

/** Options of `tributary import`, as commander gives them. */
interface ImportOptions {
  workspace: string
  type: string
  format?: string
  map: string[]
  set: string[]
  delimiter: string
  dryRun?: boolean
  rejected?: string
}

/** Rows of one transaction, and transactions at a time: while one commits the next is decided. */
const ROWS_PER_UNIT = 500

const UNITS_AT_ONCE = 2

/** What became of an import. */
interface Outcome {
  rows: number
  duplicates: number
  refused: number
}

/** Adds `tributary import`. */
export function addImport({ program, run }: CommandLine): void {
  program
    .command('import <file>')
    .description(
      'store the rows of a CSV or JSON lines file, or of stdin (-); may be repeated, stores nothing twice',
    )
    .requiredOption('--workspace <name>', 'name or guid of the workspace')
    .requiredOption('--type <type>', 'what the rows are: profiles, events or transactions')
    .option('--map <target=column>', 'where a column goes; may be given many times', collect, [])
    .option('--set <target=value>', 'a value for every row; may be given many times', collect, [])
    .option('--format <format>', 'csv or jsonl; told by the name of the file when left out')
    .option('--delimiter <character>', 'what separates the cells of a CSV file', ',')
    .option('--dry-run', 'check the rows and store nothing')
    .option('--rejected <file>', 'where refused rows go, with line and reason')
    .action((file: string, options: ImportOptions) =>
      run(async (config, { logger }) => {
        const refused = await runImport(file, options, config, logger)
        if (refused > 0) process.exitCode = EXIT_STATUSES.refused.code
      }, 'stderr'),
    )
}

/**
 * Imports a file of rows, or stdin (`-`). Works beside a running server.
 * @returns how many rows were refused
 * @throws CommanderError wrong usage; CdpError of kind `startup`
 */
async function runImport(
  file: string,
  options: ImportOptions,
  config: ServerConfig,
  logger: Logger,
): Promise<number> {
  const type = IMPORT_TYPES.find((candidate) => candidate === options.type)
  const format = formatOf(file, options.format)
  if (!type) throw usage(`--type must be one of ${IMPORT_TYPES.join(', ')}`)
  if (!format) throw usage(`--format must be one of ${IMPORT_FORMATS.join(', ')}`)
  if (!DELIMITER.test(options.delimiter))
    throw usage('--delimiter must be one character, and neither a quote nor the end of a line')
  const columns = columnsOf(options)
  const installation = await openInstallation(config, 'guest', logger)
  const { db } = installation
  try {
    const workspace = await findNamedWorkspace(db, options.workspace)
    const source = await openSource(file)
    const identity = { ...source.identity, type, columns, workspace: workspace.guid }
    const checkpoint =
      options.dryRun || !source.identity ? undefined : await openCheckpoint(config.dataDir, identity)
    const writer = options.dryRun ? undefined : await openWriter(db, config, logger)
    try {
      const isNamedByRows = columns.length === 0
      const mapped = isNamedByRows ? await headerColumns(file, format, options) : columns
      const plan = { type, columns: mapped, isNamedByRows }
      const importer = openImporter({ workspace, plan, ingest: writer?.ingest })
      const rows = readRows(source.stream, format, options.delimiter)
      const rejected = options.rejected ?? `${file === '-' ? 'stdin' : file}.rejected.jsonl`
      const outcome = await importRows({ rows, importer, checkpoint, rejected, source })
      await checkpoint?.clear()
      report(outcome, options, rejected)
      return outcome.refused
    } finally {
      await writer?.close()
    }
  } finally {
    await installation.close()
  }
}

function formatOf(file: string, named: string | undefined): ImportFormat | undefined {
  const name = named ?? (extname(file) === '.csv' ? 'csv' : 'jsonl')
  return IMPORT_FORMATS.find((candidate) => candidate === name)
}

/** `--map target=column` and `--set target=value`. */
function columnsOf(options: ImportOptions): Column[] {
  try {
    return parseColumns(options)
  } catch (error) {
    throw usage(toCdpError(error).message)
  }
}

/** Without a mapping the columns of a file are named like their targets. */
async function headerColumns(
  file: string,
  format: ImportFormat,
  { delimiter }: ImportOptions,
): Promise<Column[]> {
  if (file === '-') throw usage('--map is required when rows come from stdin')
  const { stream } = await openSource(file)
  try {
    return (await nameColumns(readRows(stream, format, delimiter))).columns
  } finally {
    stream.destroy()
  }
}

interface Source {
  stream: Readable
  totalBytes: number | undefined
  readBytes: () => number
  /** What tells this file from another; undefined for stdin. */
  identity: object | undefined
}

async function openSource(file: string): Promise<Source> {
  if (file === '-')
    return { stream: process.stdin, totalBytes: undefined, readBytes: () => 0, identity: undefined }
  const { size, mtimeMs } = await stat(file).catch(() => {
    throw usage(`${file} cannot be read`)
  })
  const stream = createReadStream(file)
  const identity = { path: await realpath(file), size, mtimeMs }
  return { stream, totalBytes: size, readBytes: () => stream.bytesRead, identity }
}

/** The write path of this process; a running server has its own over the same database. */
async function openWriter(
  db: Database,
  config: ServerConfig,
  logger: Logger,
): Promise<{ ingest: Ingest; close: () => Promise<void> }> {
  const partitions = await openPartitions(db.background)
  const onLost = (count: number, error: unknown): void =>
    logger.warn({ count, err: error }, 'refusals could not be written to the ledger')
  const ledger = openLedger({ db, ensurePartitions: partitions.ensureLogs, onLost })
  const ingest = await openIngest({
    db,
    refusals: ledger,
    requestTimeoutMs: config.limits.requestTimeoutMs,
    onUnitFailed: (error) => logger.error({ err: error }, 'rows could not be stored'),
  })
  return {
    ingest,
    close: async () => {
      await ingest.close()
      await ledger.close()
    },
  }
}

interface Run {
  rows: AsyncIterable<ImportRow>
  importer: Importer
  checkpoint: Checkpoint | undefined
  rejected: string
  source: Source
}

async function importRows({ rows, importer, checkpoint, rejected, source }: Run): Promise<Outcome> {
  const outcome: Outcome = { rows: 0, duplicates: 0, refused: 0 }
  const progress = openProgress(process.stderr, source.totalBytes)
  const keep = openRejectedFile(rejected)
  const store = async (window: readonly ImportRow[]): Promise<void> => {
    const units = Array.from({ length: Math.ceil(window.length / ROWS_PER_UNIT) }, (_, n) =>
      window.slice(n * ROWS_PER_UNIT, (n + 1) * ROWS_PER_UNIT),
    )
    for (const { refused, duplicates } of await Promise.all(units.map((unit) => importer.store(unit)))) {
      outcome.duplicates += duplicates
      outcome.refused += refused.length
      await keep.write(refused)
    }
    outcome.rows += window.length
    await checkpoint?.reach(window.at(-1)?.line ?? 0)
    progress.tell(outcome.rows, source.readBytes())
  }
  let window: ImportRow[] = []
  for await (const row of rows) {
    if (row.line <= (checkpoint?.line ?? 0)) continue
    window.push(row)
    if (window.length < ROWS_PER_UNIT * UNITS_AT_ONCE) continue
    await store(window)
    window = []
  }
  if (window.length > 0) await store(window)
  progress.end()
  await keep.close()
  return outcome
}

/** The file of refused rows; made only when there is one. */
function openRejectedFile(path: string): {
  write: (rows: readonly RefusedRow[]) => Promise<void>
  close: () => Promise<void>
} {
  let file: ReturnType<typeof createWriteStream> | undefined
  const write = async (rows: readonly RefusedRow[]): Promise<void> => {
    if (rows.length === 0) return
    const out = (file ??= createWriteStream(path, { flags: 'a', mode: 0o600 }))
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    await new Promise<void>((resolve, reject) => {
      out.write(text, (error) => (error ? reject(error) : resolve()))
    })
  }
  const close = (): Promise<void> => new Promise((resolve) => (file ? file.end(() => resolve()) : resolve()))
  return { write, close }
}

function report({ rows, duplicates, refused }: Outcome, { dryRun }: ImportOptions, rejected: string): void {
  const count = (value: number): string => value.toLocaleString('en-US')
  const good = rows - refused
  const verb = dryRun ? 'can be stored' : 'stored'
  const again = duplicates > 0 ? ` (${count(duplicates)} of them were already)` : ''
  process.stdout.write(`${count(good)} of ${count(rows)} rows ${verb}${again}.\n`)
  if (refused > 0) process.stdout.write(`${count(refused)} refused: see ${rejected}\n`)
}
