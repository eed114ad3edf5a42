import type { FileHandle } from 'node:fs/promises'
import type { JsonObject } from '../../lib/json.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { ExportFormat, ExportTask } from '../../model/export.ts'
import type { Workspace } from '../../model/workspace.ts'
import { findCounters } from '../../storage/counters.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import {
  cancelExport,
  deleteExport,
  findExport,
  findExports,
  insertExport,
} from '../../storage/exports/tasks.ts'
import type { ExportKey, ExportQuery, FoundExport } from '../../storage/exports/tasks.ts'
import { newId } from '../../storage/id-blocks.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { findWorkspace } from '../workspaces/index.ts'
import { openExportFile, removeFiles, suffixOf } from './files.ts'
import { awaitExport } from './await-export.ts'
import type { ExportMoment } from './await-export.ts'
import { checkLink, linkKey, signLink } from './links.ts'
import type { ExportLink } from './links.ts'
import { readExportRows } from './read-rows.ts'
import type { RowPage } from './read-rows.ts'
import { runNext } from './run.ts'
import { settleContent } from './settle.ts'
import type { ContentDraft } from './settle.ts'
import type { RunOptions } from './run.ts'

/** What somebody asks for. */
export interface ExportDraft {
  format: ExportFormat
  isGzip: boolean
  content: ContentDraft
  /** What people call it; it stands in the audit log. */
  name?: string
  /** See {@link ExportTask}. */
  lifetimeMs?: number
  memo?: JsonObject
  /** How many rows are to be expected, where whoever asks knows. */
  rowsExpected?: number
}

/** A file that is ready to be sent; its caller closes it. */
export interface ExportFile {
  file: FileHandle
  /** Bytes. */
  size: number
  /** Changes whenever the bytes could. */
  version: string
  /** A name for people: `profiles-1001.ndjson`. */
  name: string
  format: ExportFormat
  isGzip: boolean
}

/** Exports: files of all that there is of profiles and events, written behind the call that asks for them. */
export interface Exports {
  /** See {@link settleContent}. @throws CDP_SEGMENT_NOT_FOUND CDP_COMPUTED_NOT_FOUND CDP_BODY_INVALID */
  create(workspace: Workspace, draft: ExportDraft, actor: Actor): Promise<ExportTask>
  /** Newest first. */
  list(query: ExportQuery): Promise<ExportTask[]>
  /** @throws CDP_EXPORT_NOT_FOUND */
  get(key: ExportKey): Promise<ExportTask>
  /** See {@link awaitExport}. @throws CDP_EXPORT_NOT_FOUND */
  settled(key: ExportKey, until: ExportMoment, timeoutMs: number): Promise<ExportTask>
  /** Ends an export that is not written yet. @throws CDP_EXPORT_NOT_FOUND CDP_EXPORT_STATE */
  cancel(key: ExportKey, actor: Actor): Promise<ExportTask>
  /** Forgets an export with its file. @throws CDP_EXPORT_NOT_FOUND */
  delete(key: ExportKey, actor: Actor): Promise<void>
  /** A link to the file of an export that is ready; undefined for any other. */
  link(workspace: Workspace, task: ExportTask): ExportLink | undefined
  /** The file behind a link. @throws CDP_LINK_INVALID CDP_EXPORT_NOT_FOUND */
  download(link: ExportLink): Promise<ExportFile>
  /** See {@link readExportRows}. @throws CDP_EXPORT_NOT_FOUND CDP_EXPORT_STATE */
  readRows(key: ExportKey, page: RowPage): Promise<JsonObject[]>
  /** See {@link runNext}. */
  run(): Promise<boolean>
  /** Lets a run that is under way end at once; its export waits for another one. */
  close(): void
}

/** What exports need. */
export interface ExportsOptions extends RunOptions {
  /** 32 bytes: links are signed with what is derived from it. */
  secretKey: Buffer
}

/** Opens exports over a database and a folder. */
export function openExports({ secretKey, ...options }: ExportsOptions): Exports {
  const { db, folder } = options
  const key = linkKey(secretKey)
  const stopping = new AbortController()
  return {
    create: (workspace, draft, actor) => createOne(db, workspace, draft, actor),
    list: async (query) => (await guarded(() => findExports(db.general, query))).map(asOfNow),
    get: (one) => getOne(db, one),
    settled: (one, until, timeoutMs) => awaitExport(() => getOne(db, one), until, timeoutMs),
    cancel: (one, actor) => cancelOne(db, one, actor),
    delete: async (one, actor) => {
      await deleteOne(db, one, actor)
      await removeFiles(folder, [one])
    },
    link: ({ guid }, { state, exportId, expiresAt }) =>
      state === 'ready' && expiresAt !== undefined
        ? signLink(key, { workspace: guid, exportId }, expiresAt)
        : undefined,
    download: (link) => openLinked(options, key, link),
    readRows: async (one, page) =>
      guarded(async () => readExportRows(db.general, folder, await getOne(db, one), page)),
    run: () => runNext(options, stopping.signal),
    close: () => stopping.abort(new CdpError('CDP_SHUTTING_DOWN')),
  }
}

async function createOne(
  db: Database,
  { id: workspaceId }: Workspace,
  { content, format, isGzip, name, lifetimeMs, memo, ...known }: ExportDraft,
  actor: Actor,
): Promise<ExportTask> {
  const exportId = await guarded(() => newId(db.background, 'export'))
  const rowsExpected = known.rowsExpected ?? (await guarded(() => expectedRows(db, workspaceId, content)))
  return act(db, actor, async (tx) => {
    const settled = await settleContent(tx, workspaceId, content)
    const row = {
      workspaceId,
      exportId,
      content: settled,
      format,
      isGzip,
      createdBy: actor.label,
      rowsExpected,
      lifetimeMs,
      memo,
    }
    const task = await insertExport(tx, row, now())
    const detail = { kind: content.kind, format, ...(name !== undefined && { name }) }
    await record(tx, { actor, workspaceId, action: 'export.create', object: exportId, detail })
    return task
  })
}

/** Known of all profiles alone, from counters. */
async function expectedRows(
  db: Database,
  workspaceId: number,
  content: ExportDraft['content'],
): Promise<number | undefined> {
  if (content.kind !== 'profiles' || content.segmentId !== undefined) return undefined
  const counters = await findCounters(db.general, workspaceId)
  return counters.find(({ dialect, name }) => dialect === '' && name === 'profiles')?.value
}

async function getOne(db: Database, key: ExportKey): Promise<FoundExport> {
  return asOfNow(found(await guarded(() => findExport(db.general, key))))
}

/** A file whose time is over may still be there until the next upkeep, but not for anybody. */
function asOfNow<Task extends ExportTask>(task: Task): Task {
  const isOver = task.state === 'ready' && (task.expiresAt ?? Number.POSITIVE_INFINITY) <= now()
  return isOver ? { ...task, state: 'expired', fileVersion: undefined } : task
}

function found<Task>(task: Task | undefined): Task {
  if (!task) throw new CdpError('CDP_EXPORT_NOT_FOUND')
  return task
}

function cancelOne(db: Database, key: ExportKey, actor: Actor): Promise<ExportTask> {
  return act(db, actor, async (tx) => {
    found(await findExport(tx, key))
    const cancelled = await cancelExport(tx, key, now())
    if (!cancelled) throw new CdpError('CDP_EXPORT_STATE')
    await note(tx, key, 'export.cancel', actor)
    return cancelled
  })
}

async function deleteOne(db: Database, key: ExportKey, actor: Actor): Promise<void> {
  await act(db, actor, async (tx) => {
    found(await deleteExport(tx, key))
    await note(tx, key, 'export.delete', actor)
    return true
  })
}

async function note(
  tx: Transaction,
  { workspaceId, exportId: object }: ExportKey,
  action: string,
  actor: Actor,
): Promise<void> {
  await record(tx, { actor, workspaceId, action, object })
}

async function openLinked({ db, folder }: RunOptions, key: Buffer, link: ExportLink): Promise<ExportFile> {
  checkLink(key, link)
  const { id: workspaceId } = await findWorkspace(db, link.workspace)
  const task = await getOne(db, { workspaceId, exportId: link.exportId })
  const { fileVersion: version, format, isGzip, bytes: size } = task
  if (version === undefined) throw new CdpError('CDP_EXPORT_NOT_FOUND')
  const file = await openExportFile(folder, { ...task, claim: version })
  const name = `${task.content.kind}-${task.exportId}.${suffixOf(task)}`
  return { file, size, version, name, format, isGzip }
}
