import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { openExports, readColumns } from '../../src/core/exports/index.ts'
import type { ExportDraft, Exports } from '../../src/core/exports/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration, findWorkspace } from '../../src/core/workspaces/index.ts'
import type { Json } from '../../src/lib/json.ts'
import type { ExportFormat, ExportTask } from '../../src/model/export.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { openTestDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
import { makeCommand, openWritePath, userId } from './ingest.ts'
import type { WritePath } from './ingest.ts'

/** Exports over a database and a folder of their own, as one process has them. */
export interface ExportPath {
  database: TestDatabase
  path: WritePath
  exports: Exports
  folder: string
  /** What went wrong with runs, in order. */
  errors: unknown[]
  /** Exports as another process has them. */
  open(db?: Database, folder?: string): Exports
  /** A workspace of its own. */
  declared(): Promise<Workspace>
  /** Stores a profile under its user id and gives its id. */
  store(workspace: Workspace, user: string, attributes?: Record<string, Json>): Promise<number>
  /** Asks for an export; profiles as lines of JSON, unless told otherwise. */
  ask(workspace: Workspace, draft?: Wanted): Promise<ExportTask>
  /** Asks for an export, writes it and gives its bytes. */
  written(workspace: Workspace, draft?: Wanted): Promise<Buffer>
  /** The bytes of an export that is ready. */
  bytesOf(task: ExportTask): Promise<Buffer>
  /** Names of the files that there are. */
  files(): Promise<string[]>
  close(): Promise<void>
}

/** What differs from all profiles as lines of JSON. */
export interface Wanted {
  kind?: 'profiles' | 'events'
  format?: ExportFormat
  isGzip?: boolean
  fields?: readonly string[]
  segmentId?: string
  from?: number
  to?: number
  names?: readonly string[]
}

/** Opens exports; close them at the end. */
export async function openExportPath(): Promise<ExportPath> {
  const database = await openTestDatabase()
  const path = await openWritePath(database.db)
  const folder = await mkdtemp(join(tmpdir(), 'tributary-exports-'))
  const errors: unknown[] = []
  const guids: string[] = []
  const open: ExportPath['open'] = (db = database.db, where = folder) =>
    openExports({
      db,
      folder: where,
      secretKey: Buffer.alloc(32, 3),
      onError: (error) => errors.push(error),
    })
  const exports = open()
  const ask: ExportPath['ask'] = (workspace, wanted = {}) =>
    exports.create(workspace, draftOf(wanted), COMMAND_LINE)
  const files = async (): Promise<string[]> => readdir(folder)
  const bytesOf: ExportPath['bytesOf'] = async ({ workspaceId, exportId }) => {
    const name = (await files()).find((candidate) => candidate.startsWith(`${workspaceId}-${exportId}-`))
    return readFile(join(folder, String(name)))
  }
  return {
    database,
    path,
    exports,
    folder,
    errors,
    open,
    declared: () => declare(database.db, guids),
    store: async (workspace, user, attributes = {}) => {
      const { profileId } = await path.write(workspace, makeCommand(userId(user), { attributes }))
      return profileId!
    },
    ask,
    written: async (workspace, wanted) => {
      const task = await ask(workspace, wanted)
      await runExports(exports)
      return bytesOf(task)
    },
    bytesOf,
    files,
    close: async () => {
      exports.close()
      await path.close()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function draftOf(wanted: Wanted): ExportDraft {
  const { kind = 'profiles', format = 'ndjson', isGzip = false, fields, ...filter } = wanted
  return { format, isGzip, content: { kind, columns: readColumns(kind, fields), ...filter } }
}

/** Declares one more workspace: those that a declaration leaves out are archived. */
async function declare(db: Database, guids: string[]): Promise<Workspace> {
  const guid = randomUUID()
  guids.push(guid)
  const settings = { ...DEFAULT_SETTINGS, dialects: {} }
  const workspaces = guids.map((each) => ({ name: each, guid: each, keys: [], settings }))
  await applyDeclaration(db, { workspaces, users: [] }, 'config')
  return findWorkspace(db, guid)
}

/** Works until there is nothing more to do. */
export async function runExports(exports: Exports): Promise<void> {
  while (await exports.run());
}

/** The rows of a file of lines. */
export function linesOf<Row = Record<string, unknown>>(bytes: Buffer): Row[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

/** Bytes as the reader of Parquet takes them. */
export const asArrayBuffer = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer
