import { newTraceId } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { CommandResult, Unit } from '../../model/command.ts'
import type { ImportMapper, ImportTask, ImportedRow } from '../../model/import.ts'
import type { Workspace } from '../../model/workspace.ts'
import { checkUnit } from '../ingest/index.ts'
import type { Ingest } from '../ingest/index.ts'
import { mapRows, refusalsOf, rowsUnit } from './map-rows.ts'
import type { MappedRows, RowsOutcome } from './map-rows.ts'

/** A chunk of an import, and where it is to go. */
export interface Chunk {
  task: ImportTask
  /** From 1. */
  number: number
  rows: readonly ImportedRow[]
  mapper: ImportMapper
  workspace: Workspace
}

/**
 * Stores the rows of a chunk as one unit whose rows stand for themselves. Its Idempotency-Key is made of import and chunk:
 * a chunk that was committed and not noted, because the process died in between, gives the same outcome and writes nothing.
 * @throws whatever is wrong with the server rather than with a row; then the chunk is tried again
 */
export async function storeChunk(ingest: Pick<Ingest, 'submit'>, chunk: Chunk): Promise<RowsOutcome> {
  const mapped = mapChunk(chunk)
  if (chunk.task.isDryRun) return checkRows(chunk, mapped)
  const { body } = await ingest.submit(unitOf(chunk, mapped))
  return body as RowsOutcome
}

function mapChunk({ task, rows, mapper, workspace }: Chunk): MappedRows {
  return mapRows(rows, mapper.compile(task.options, workspace), task.createdAt)
}

function checkRows(chunk: Chunk, mapped: MappedRows): RowsOutcome {
  const results: CommandResult[] = []
  for (const [index, refusal] of checkUnit(unitOf(chunk, mapped))) results[index] = refusal
  return { created: 0, updated: 0, refused: refusalsOf(mapped, results) }
}

function unitOf({ task, number, mapper, workspace }: Chunk, mapped: MappedRows): Unit {
  return {
    workspace,
    dialect: mapper.source,
    operation: task.operation,
    credential: task.credential,
    traceId: newTraceId(),
    receivedAt: now(),
    // What waits is one chunk at a time and is counted by its commands.
    bytes: 0,
    ...rowsUnit(mapped),
    // No header can hold a line feed: nobody's own key is ever this one.
    idempotency: { key: `import\n${task.importId}\n${number}`, body: '' },
  }
}
