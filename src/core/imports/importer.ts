import { setTimeout as delay } from 'node:timers/promises'
import { newTraceId } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Command, CommandResult, Unit } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { ImportRefusal } from '../../model/import.ts'
import type { Workspace } from '../../model/workspace.ts'
import { checkUnit } from '../ingest/index.ts'
import type { Ingest } from '../ingest/index.ts'
import { mapRows, refusalsOf } from './map-rows.ts'
import { ROW_SOURCE, compileRows, keepRows } from './row-mapper.ts'
import type { ImportRow, RowPlan } from './row-mapper.ts'

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
  plan: RowPlan
  ingest: Ingest | undefined
}

/** How often a request is tried again that found the server at its limit. */
const TRIES_MAX = 100

/**
 * Opens an importer, which stores rows while its caller waits.
 * @throws CDP_BODY_INVALID a target that there is not
 */
export function openImporter({ workspace, plan, ingest }: ImporterOptions): Importer {
  const rowMap = compileRows(plan)
  const keep = keepRows(plan)
  const store: Importer['store'] = async (rows) => {
    const mapped = mapRows(rows.map(keep), rowMap, now())
    const results: CommandResult[] = []
    const unit = unitOf(workspace, mapped.commands, results)
    if (ingest) await submit(ingest, unit)
    else for (const [index, refusal] of checkUnit(unit)) results[index] = refusal
    const texts = new Map(rows.map(({ line, text }) => [line, text]))
    const refused = refusalsOf(mapped, results).map((refusal) => describe(refusal, texts))
    const duplicates = results.filter(
      (result) => result.ok && 'duplicate' in result && result.duplicate,
    ).length
    return { refused, duplicates }
  }
  return { store }
}

function describe({ line, code, detail }: ImportRefusal, texts: ReadonlyMap<number, string>): RefusedRow {
  return { line, reason: `${code}: ${detail}`, text: texts.get(line) ?? '' }
}

function unitOf(workspace: Workspace, commands: readonly Command[], results: CommandResult[]): Unit {
  return {
    workspace,
    dialect: ROW_SOURCE,
    operation: 'import',
    credential: ROW_SOURCE,
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
      await delay(seconds * 1_000)
    }
  }
}
