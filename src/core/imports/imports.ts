import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { ImportMapper, ImportRefusal, ImportState, ImportTask } from '../../model/import.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findImports, findRefusals } from '../../storage/import-lists.ts'
import type { ImportQuery } from '../../storage/import-lists.ts'
import { findImport, moveImport } from '../../storage/imports.ts'
import type { ImportKey } from '../../storage/imports.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { storeImport } from './accept.ts'
import type { ImportRequest } from './accept.ts'
import { runNext } from './run.ts'
import type { RunOptions } from './run.ts'

/** What can be done with an import that is not at its end. */
export type ImportVerb = 'pause' | 'resume' | 'cancel'

/** Imports: rows are stored before they are answered, and written into profiles behind that. */
export interface Imports {
  /** See {@link storeImport}. */
  accept(request: ImportRequest): Promise<ImportTask>
  list(query: ImportQuery): Promise<ImportTask[]>
  /** @throws CDP_IMPORT_NOT_FOUND */
  get(key: ImportKey): Promise<ImportTask>
  /** Refused rows in their order. @param page `after` is the line of the last one that was given, 0 at the beginning */
  refusals(key: ImportKey, page: { after: number; limit: number }): Promise<ImportRefusal[]>
  /**
   * Pauses, goes on, or ends an import; a chunk that is being stored is stored. One that failed may go on.
   * @throws CDP_IMPORT_NOT_FOUND CDP_IMPORT_STATE
   */
  move(key: ImportKey, verb: ImportVerb, actor: Actor): Promise<ImportTask>
  /** See {@link runNext}. */
  run(): Promise<boolean>
}

/** What imports need. */
export interface ImportsOptions extends Omit<RunOptions, 'mappers'> {
  /** 32 bytes: seals what is kept under an Idempotency-Key. */
  secretKey: Buffer
  /** One for each kind of rows. */
  mappers: readonly ImportMapper[]
}

/** Opens imports over a database. */
export function openImports({ secretKey, mappers, ...options }: ImportsOptions): Imports {
  const { db } = options
  const run = { ...options, mappers: new Map(mappers.map((mapper) => [mapper.kind, mapper])) }
  return {
    accept: (request) => guarded(() => storeImport(db, secretKey, request)),
    list: (query) => guarded(() => findImports(db.general, query)),
    get: (key) => guarded(async () => found(await findImport(db.general, key))),
    refusals: (key, page) => guarded(() => findRefusals(db.general, key, page)),
    move: (key, verb, actor) => moveOne(db, key, verb, actor),
    run: () => runNext(run),
  }
}

/** From which states each verb leads where. */
const MOVES = {
  pause: { from: ['queued', 'running', 'paused'], to: 'paused' },
  resume: { from: ['paused', 'failed'], to: 'queued' },
  cancel: { from: ['queued', 'running', 'paused', 'failed'], to: 'cancelled' },
} as const satisfies Record<
  ImportVerb,
  { from: readonly ImportState[]; to: 'queued' | 'paused' | 'cancelled' }
>

function moveOne(db: Database, key: ImportKey, verb: ImportVerb, actor: Actor): Promise<ImportTask> {
  return act(db, actor, async (tx) => {
    found(await findImport(tx, key))
    const moved = await moveImport(tx, key, MOVES[verb], now())
    if (!moved) throw new CdpError('CDP_IMPORT_STATE')
    const { workspaceId, importId: object } = key
    await record(tx, { actor, workspaceId, action: `import.${verb}`, object })
    return moved
  })
}

function found(task: ImportTask | undefined): ImportTask {
  if (!task) throw new CdpError('CDP_IMPORT_NOT_FOUND')
  return task
}
