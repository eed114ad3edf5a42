import type { Json } from '../../lib/json.ts'
import { newTraceId, sha256Of } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Command, CommandResult, Unit } from '../../model/command.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { checkUnit } from '../ingest/index.ts'
import type { Ingest } from '../ingest/index.ts'
import type { RowMapping } from './mapping.ts'

/** A row of a file. `text` is what stands in the file: with its place it makes the row's id. */
export interface ImportRow {
  line: number
  text: string
  /** Undefined where the line could not be read; `problem` says why. */
  values: Readonly<Record<string, Json>> | undefined
  problem?: string
}

/** A row that is not stored. */
export interface RefusedRow {
  line: number
  reason: string
  text: string
}

/** Stores rows. */
export interface Importer {
  /** Stores some rows, each for itself. @returns those that were refused, and how many were stored already */
  store(rows: readonly ImportRow[]): Promise<{ refused: RefusedRow[]; duplicates: number }>
}

/** What an importer needs. `ingest` undefined: rows are checked, nothing is stored. */
export interface ImporterOptions {
  workspace: Workspace
  mapping: RowMapping
  /** Names what the mapping makes of a row: the same row, mapped otherwise, is another event. */
  mappingKey: string
  ingest: Ingest | undefined
}

/** What events of an import have as source. */
const SOURCE = 'import'

/** How often a request is tried again that found the server at its limit. */
const TRIES_MAX = 100

/**
 * Opens an importer. An event without an id of its own gets one made of its line, its text and its mapping: the same file
 * again, or after an interruption, stores nothing twice.
 */
export function openImporter({ workspace, mapping, mappingKey, ingest }: ImporterOptions): Importer {
  const store: Importer['store'] = async (rows) => {
    const refused: RefusedRow[] = []
    const commands = rows.flatMap((row): Command[] => {
      const mapped = mapRow(mapping, mappingKey, row)
      if (!(mapped instanceof CdpError)) return [mapped]
      refused.push(refusalOf(row, mapped))
      return []
    })
    const results: CommandResult[] = []
    const unit = unitOf(workspace, commands, results)
    if (ingest) await submit(ingest, unit)
    else for (const [index, refusal] of checkUnit(unit)) results[index] = refusal
    const byLine = new Map(rows.map((row) => [`/${row.line}`, row]))
    for (const [index, result] of results.entries() as IterableIterator<
      [number, CommandResult | undefined]
    >) {
      const row = byLine.get(commands[index]?.pointer ?? '')
      if (row && result && !result.ok) refused.push(refusalOf(row, result.error))
    }
    const duplicates = results.filter(
      (result) => result.ok && 'duplicate' in result && result.duplicate,
    ).length
    return { refused: refused.toSorted((a, b) => a.line - b.line), duplicates }
  }
  return { store }
}

function mapRow(mapping: RowMapping, mappingKey: string, row: ImportRow): Command | CdpError {
  if (!row.values) return new CdpError('CDP_BODY_UNPARSABLE', { detail: row.problem ?? 'cannot be read' })
  try {
    const command = { ...mapping(row.values, now()), pointer: `/${row.line}`, item: row.values }
    const { event } = command
    if (!event || event.messageId) return command
    const messageId = sha256Of('import', mappingKey, String(row.line), row.text).toString('hex')
    return { ...command, event: { ...event, messageId } }
  } catch (error) {
    return toCdpError(error)
  }
}

function refusalOf({ line, text }: ImportRow, error: CdpError): RefusedRow {
  return { line, reason: `${error.code}: ${error.message}`, text }
}

function unitOf(workspace: Workspace, commands: readonly Command[], results: CommandResult[]): Unit {
  return {
    workspace,
    dialect: SOURCE,
    operation: 'import',
    credential: SOURCE,
    traceId: newTraceId(),
    receivedAt: now(),
    atomic: 'each',
    bytes: 0,
    commands,
    dropped: [],
    answer: (given) => {
      results.splice(0, results.length, ...given)
      return { status: 200, body: undefined }
    },
  }
}

/** @throws whatever refuses the unit as a whole, when waiting did not help */
async function submit(ingest: Ingest, unit: Unit): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await ingest.submit(unit)
      return
    } catch (error) {
      const seconds = error instanceof CdpError ? error.retryAfterSeconds : undefined
      if (seconds === undefined || tries === TRIES_MAX) throw error
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
    }
  }
}
