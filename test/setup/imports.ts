import { randomUUID } from 'node:crypto'
import { openImports, rowMapper } from '../../src/core/imports/index.ts'
import type { Imports } from '../../src/core/imports/index.ts'
import type { Ingest } from '../../src/core/ingest/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration, findWorkspace } from '../../src/core/workspaces/index.ts'
import type { Json } from '../../src/lib/json.ts'
import type { ImportMapper, ImportTask, ImportedRow } from '../../src/model/import.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { openTestDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
import { openWritePath } from './ingest.ts'
import type { WritePath } from './ingest.ts'

/** Imports over a database of their own, as one process has them. */
export interface ImportPath {
  database: TestDatabase
  path: WritePath
  imports: Imports
  /** What went wrong with chunks, in order. */
  errors: unknown[]
  /** Imports as another process has them. */
  open(db?: Database, ingest?: Pick<Ingest, 'submit' | 'queuedCommands'>): Imports
  /** A workspace of its own. */
  declared(): Promise<Workspace>
  /** Accepts rows as a dialect does. */
  accept(workspace: Workspace, rows: Rows, options?: AcceptOptions): Promise<ImportTask>
  close(): Promise<void>
}

type Rows = Iterable<ImportedRow> | AsyncIterable<ImportedRow>

/** What differs from an import of people. */
export interface AcceptOptions {
  kind?: string
  isDryRun?: boolean
  /** Another process's imports. */
  imports?: Imports
  /** The Idempotency-Key. */
  key?: string
  type?: string
  columns?: Json
}

/** Rows that the server cannot map, for a reason of its own. */
const broken: ImportMapper = {
  kind: 'broken',
  source: 'test',
  compile: () => {
    throw new Error('a defect')
  },
}

/** Opens imports; close them at the end. */
export async function openImportPath(): Promise<ImportPath> {
  const database = await openTestDatabase()
  const path = await openWritePath(database.db)
  const errors: unknown[] = []
  const open: ImportPath['open'] = (db = database.db, ingest = path.ingest) =>
    openImports({
      db,
      ingest,
      secretKey: Buffer.alloc(32, 3),
      mappers: [rowMapper, broken],
      onError: (error) => errors.push(error),
    })
  const imports = open()
  return {
    database,
    path,
    imports,
    errors,
    open,
    declared: () => declare(database.db),
    accept: (workspace, rows, options = {}) => accept(options.imports ?? imports, workspace, rows, options),
    close: async () => {
      await path.close()
      await database.close()
    },
  }
}

async function declare(db: Database): Promise<Workspace> {
  const guid = randomUUID()
  const settings = { ...DEFAULT_SETTINGS, dialects: {} }
  await applyDeclaration(db, { workspaces: [{ name: guid, guid, keys: [], settings }], users: [] }, 'config')
  return findWorkspace(db, guid)
}

const COLUMNS = [
  { target: 'userId', column: 'id' },
  { target: 'attributes.plan', column: 'plan' },
  { target: 'attributes.age:number', column: 'age' },
]

function accept(
  imports: Imports,
  { id: workspaceId }: Workspace,
  rows: Rows,
  { kind = 'rows', isDryRun = false, key, type = 'profiles', columns = COLUMNS }: AcceptOptions,
): Promise<ImportTask> {
  const once = { workspaceId, dialect: 'test', operation: 'import', body: '', key: key ?? '' }
  return imports.accept({
    workspaceId,
    dialect: 'test',
    operation: 'import',
    kind,
    credential: 'test:key',
    traceId: '0123456789abcdef0123456789abcdef',
    options: { type, columns },
    isDryRun,
    rows,
    ...(key !== undefined && { once: () => once }),
  })
}

/** Rows of people who are called `u1`, `u2` and so on. */
export function people(count: number, from = 1): ImportedRow[] {
  return Array.from({ length: count }, (_, n) => ({
    line: n + 1,
    values: { id: `u${from + n}`, plan: 'gold', age: '30' },
  }))
}

/** Works until there is nothing more to do. */
export async function runAll(imports: Imports): Promise<void> {
  while (await imports.run());
}
