import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory } from '../../lib/sync-directory.ts'
import { CdpError } from '../../model/errors.ts'
import type { ExportFormat, ExportTask } from '../../model/export.ts'
import type { Queryable } from '../../storage/db.ts'
import { findKeptExports } from '../../storage/exports/retention.ts'
import type { KeptExport } from '../../storage/exports/retention.ts'
import type { ExportKey } from '../../storage/exports/tasks.ts'

/** What tells one file from another. `claim` names the run that wrote it. */
type FileKey = KeptExport & Pick<ExportTask, 'format' | 'isGzip'>

/** The end of a file's name: `ndjson`, `csv.gz`. */
export function suffixOf({ format, isGzip }: { format: ExportFormat; isGzip: boolean }): string {
  return isGzip ? `${format}.gz` : format
}

function nameOf({ workspaceId, exportId, claim, ...form }: FileKey): string {
  return `${workspaceId}-${exportId}-${claim}.${suffixOf(form)}`
}

/** A file that is being written. */
export interface Draft {
  /** @throws CDP_FILE_UNWRITABLE */
  write: (bytes: Buffer) => Promise<void>
  /** Makes it the file of its export, once every byte is on the disk. @throws CDP_FILE_UNWRITABLE */
  finish: () => Promise<void>
  /** Forgets it. */
  discard: () => Promise<void>
}

/** Begins a file under another name, which only its owner can read. @throws CDP_FILE_UNWRITABLE */
export async function openDraft(folder: string, key: FileKey): Promise<Draft> {
  const path = join(folder, nameOf(key))
  return openDraftAt(path, `${path}.part`, () => mkdir(folder, { recursive: true, mode: 0o700 }))
}

/** Begins a file at any place; `draftPath` is its name until it is whole. @throws CDP_FILE_UNWRITABLE */
export async function openDraftAt(
  path: string,
  draftPath: string,
  prepare: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Draft> {
  const file = await writable(async () => {
    await prepare()
    return open(draftPath, 'wx', 0o600)
  })
  const discard = async (): Promise<void> => {
    await file.close().catch(() => undefined)
    await rm(draftPath, { force: true })
  }
  return {
    write: (bytes) => writable(() => file.writeFile(bytes)),
    finish: () =>
      writable(async () => {
        await file.sync()
        await file.close()
        await rename(draftPath, path)
        await syncDirectory(dirname(path))
      }),
    discard,
  }
}

async function writable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code: unknown = Reflect.get(Object(cause), 'code')
    const detail = `A file cannot be written: ${typeof code === 'string' ? code : 'for an unknown reason'}.`
    throw new CdpError('CDP_FILE_UNWRITABLE', { cause, detail })
  }
}

/** Opens the file of an export; its caller closes it. @throws CDP_EXPORT_NOT_FOUND this machine does not have it */
export async function openExportFile(folder: string, key: FileKey): Promise<FileHandle> {
  try {
    return await open(join(folder, nameOf(key)), 'r')
  } catch (cause) {
    const detail = 'The file of the export is not on this machine.'
    throw new CdpError('CDP_EXPORT_NOT_FOUND', { cause, detail })
  }
}

/** Deletes the file of one run; another run of the same export may have its own. */
export async function removeFile(folder: string, key: FileKey): Promise<void> {
  await rm(join(folder, nameOf(key)), { force: true })
}

/** Deletes whatever there is of an export. */
export async function removeFiles(folder: string, exports: readonly ExportKey[]): Promise<void> {
  const gone = new Set(exports.map(({ workspaceId, exportId }) => `${workspaceId}-${exportId}`))
  if (gone.size === 0) return
  const names = await namesIn(folder)
  const files = names.filter(({ key }) => gone.has(`${key.workspaceId}-${key.exportId}`))
  await Promise.all(files.map(({ name }) => rm(join(folder, name), { force: true })))
}

/** Deletes the files that belong to nothing any more: of expired and deleted exports, and of runs that ended in the middle. */
export async function sweepFiles(db: Queryable, folder: string): Promise<void> {
  // Names first: a file that appears afterwards belongs to a run that is not looked at.
  const names = await namesIn(folder)
  const kept = await findKeptExports(
    db,
    names.map(({ key }) => key),
  )
  const claims = new Set(kept.map(({ claim }) => claim))
  const files = names.filter(({ key }) => !claims.has(key.claim))
  await Promise.all(files.map(({ name }) => rm(join(folder, name), { force: true })))
}

/** The runs whose files are on this machine. */
export async function findClaims(folder: string): Promise<string[]> {
  return (await namesIn(folder)).map(({ key }) => key.claim)
}

/** Counts the files of exports on this machine, those that are being written too. @returns `bytes` of all together */
export async function measureFiles(folder: string): Promise<{ files: number; bytes: number }> {
  const names = await namesIn(folder)
  // A file that goes meanwhile has no size.
  const sizes = await Promise.all(
    names.map(({ name }) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => undefined,
      ),
    ),
  )
  const living = sizes.filter((size) => size !== undefined)
  return { files: living.length, bytes: living.reduce((sum, size) => sum + size, 0) }
}

const NAME = /^(\d+)-(\d+)-([0-9a-f-]{36})\.[a-z.]+$/

async function namesIn(folder: string): Promise<{ name: string; key: KeptExport }[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => {
    const [, workspaceId, exportId, claim = ''] = NAME.exec(name) ?? []
    const key = { workspaceId: Number(workspaceId), exportId: Number(exportId), claim }
    return claim === '' ? [] : [{ name, key }]
  })
}
