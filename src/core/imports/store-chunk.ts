import { newTraceId } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { CommandResult, Unit } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { ImportMapper, ImportRefusal, ImportTask, ImportedRow } from '../../model/import.ts'
import type { Workspace } from '../../model/workspace.ts'
import { checkUnit } from '../ingest/index.ts'
import type { Ingest } from '../ingest/index.ts'
import { mapRows, refusalsOf } from './map-rows.ts'
import type { MappedRows } from './map-rows.ts'

/** What became of the rows of a chunk. */
export interface ChunkOutcome {
  created: number
  updated: number
  refused: readonly ImportRefusal[]
}

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
export async function storeChunk(ingest: Pick<Ingest, 'submit'>, chunk: Chunk): Promise<ChunkOutcome> {
  const mapped = mapChunk(chunk)
  if (chunk.task.isDryRun) return checkRows(chunk, mapped)
  const { body } = await ingest.submit(unitOf(chunk, mapped))
  return body as ChunkOutcome
}

function mapChunk({ task, rows, mapper, workspace }: Chunk): MappedRows {
  return mapRows(rows, mapper.compile(task.options, workspace), task.createdAt)
}

function checkRows(chunk: Chunk, mapped: MappedRows): ChunkOutcome {
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
    atomic: 'each',
    // What waits is one chunk at a time and is counted by its commands.
    bytes: 0,
    commands: mapped.commands,
    dropped: mapped.refused.map(({ pointer, item }) => ({ reason: 'request_refused', pointer, item })),
    // No header can hold a line feed: nobody's own key is ever this one.
    idempotency: { key: `import\n${task.importId}\n${number}`, body: '' },
    answer: (results) => ({ status: 200, body: outcomeOf(mapped, results) }),
  }
}

/** @throws CDP_OVERLOADED a row was not tried for a reason of ours: the chunk must not count as done */
function outcomeOf(mapped: MappedRows, results: readonly CommandResult[]): ChunkOutcome {
  let [created, updated] = [0, 0]
  for (const result of results) {
    if (!result.ok && result.error.kind === 'unavailable')
      throw new CdpError('CDP_OVERLOADED', { cause: result.error, retryAfterSeconds: 1 })
    if (!result.ok || 'ignored' in result || result.duplicate) continue
    if (result.created) created++
    else updated++
  }
  return { created, updated, refused: refusalsOf(mapped, results) }
}
