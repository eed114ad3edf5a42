import { Type } from 'typebox'
import type { Static } from 'typebox'
import { readColumns } from '../../core/exports/index.ts'
import type { ExportDraft, ExportLink } from '../../core/exports/index.ts'
import { decodeCursor } from '../../lib/cursor.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'
import { parseInstant, toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { EXPORT_FORMATS, EXPORT_KINDS, EXPORT_STATES } from '../../model/export.ts'
import type { ExportContent, ExportTask } from '../../model/export.ts'
import { cutPage, foreignCursor } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'

const only = { additionalProperties: false }

const text = (description: string) =>
  Type.String({ minLength: 1, maxLength: 1_024, pattern: STORABLE_PATTERN, description })

const time = (description: string) => Type.Optional(Type.String({ maxLength: 40, description }))

/** `POST /api/v1/exports` */
export const ExportBody = Type.Object(
  {
    kind: Type.Optional(
      Type.Enum([...EXPORT_KINDS], { description: 'What the rows are; `profiles` by default.' }),
    ),
    format: Type.Optional(Type.Enum([...EXPORT_FORMATS], { description: '`ndjson` by default.' })),
    gzip: Type.Optional(
      Type.Boolean({ description: 'Whether the file is compressed; not with `parquet`, which is inside.' }),
    ),
    fields: Type.Optional(
      Type.Array(text('A column.'), {
        minItems: 1,
        maxItems: 500,
        description: 'The columns in their order; all that there is where it is left out.',
      }),
    ),
    segmentId: Type.Optional(text('Only the profiles of this segment.')),
    from: time('Only events that happened then or later.'),
    to: time('Only events that happened earlier; must be later than `from`.'),
    names: Type.Optional(
      Type.Array(text('The name of an event.'), {
        minItems: 1,
        maxItems: 500,
        description: 'Only events of these names.',
      }),
    ),
  },
  only,
)

/** `GET /api/v1/exports` */
export const ExportListQuery = Type.Object(
  {
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    state: Type.Optional(Type.Enum([...EXPORT_STATES])),
  },
  only,
)

/** `GET /api/v1/exports/:exportId/download` */
export const DownloadQuery = Type.Object(
  {
    workspace: Type.Optional(Type.String({ maxLength: 64 })),
    expires: Type.Optional(Type.String({ maxLength: 16 })),
    signature: Type.Optional(Type.String({ maxLength: 128 })),
  },
  only,
)

/** See {@link ExportBody}. */
export type ExportBody = Static<typeof ExportBody>
/** See {@link ExportListQuery}. */
export type ExportListQuery = Static<typeof ExportListQuery>
/** See {@link DownloadQuery}. */
export type DownloadQuery = Static<typeof DownloadQuery>

/** Members that only one kind of rows has. */
const ONLY_OF = { profiles: ['segmentId'], events: ['from', 'to', 'names'] } as const

/** What a body asks for. @throws CDP_BODY_INVALID */
export function readExport(body: ExportBody): ExportDraft {
  const { kind = 'profiles', format = 'ndjson', gzip: isGzip = false, fields } = body
  if (isGzip && format === 'parquet')
    throw refused('gzip', 'cannot be asked of parquet, which compresses inside')
  for (const member of ONLY_OF[kind === 'events' ? 'profiles' : 'events'])
    if (body[member] !== undefined) throw refused(member, `is nothing that ${kind} have`)
  const columns = readColumns(kind, fields)
  if (kind === 'profiles') {
    const { segmentId } = body
    return { format, isGzip, content: { kind, columns, ...(segmentId !== undefined && { segmentId }) } }
  }
  const [from, to] = [instantOf('from', body.from), instantOf('to', body.to)]
  const { names } = body
  const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  return { format, isGzip, content: { kind, columns, ...range, ...(names && { names }) } }
}

function instantOf(name: string, sent: string | undefined): Instant | undefined {
  const instant = sent === undefined ? undefined : parseInstant(sent)
  if (sent !== undefined && instant === undefined) throw refused(name, 'must be an RFC 3339 time')
  return instant
}

function refused(member: string, problem: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { detail: `${member}: ${problem}`, pointer: `/${member}` })
}

/** The id of a path. @throws CDP_EXPORT_NOT_FOUND it can be no export's */
export function readExportId(sent: string): number {
  const id = Number(sent)
  if (/^[1-9]\d{0,15}$/.test(sent) && Number.isSafeInteger(id)) return id
  throw new CdpError('CDP_EXPORT_NOT_FOUND')
}

/** The largest id that comes after a cursor, newest first. @throws CDP_QUERY_INVALID it is none of this list's */
export function readExportsAfter(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const [id, ...others] = decodeCursor(cursor) ?? []
  if (Number.isSafeInteger(id) && Number(id) > 0 && others.length === 0) return Number(id) - 1
  throw foreignCursor()
}

/** The link that a request came by. @throws CDP_LINK_INVALID it cannot be one of ours */
export function readLink(
  exportId: string,
  { workspace = '', expires = '', signature = '' }: DownloadQuery,
): ExportLink {
  const link = { workspace, exportId: Number(exportId), expires: Number(expires), signature }
  if (Number.isSafeInteger(link.exportId) && /^\d{1,12}$/.test(expires)) return link
  throw new CdpError('CDP_LINK_INVALID')
}

/** A page of exports, of which one more than `limit` was asked for. */
export function pageOfExports(tasks: readonly ExportTask[], limit: number): Page<object> {
  const { items, nextCursor } = cutPage(tasks, limit, ({ exportId }) => [exportId])
  return { items: items.map(showExport), nextCursor }
}

/** An export as the native API shows it. */
export function showExport(task: ExportTask): object {
  const { exportId: id, state, format, isGzip: gzip, content, createdBy, rows, bytes } = task
  return {
    id,
    state,
    kind: content.kind,
    format,
    gzip,
    fields: content.columns.map(({ name }) => name),
    ...filterOf(content),
    rows,
    rowsExpected: task.rowsExpected ?? null,
    bytes,
    snapshotAt: timeOf(task.snapshotAt),
    lastError: task.lastError ?? null,
    createdBy,
    createdAt: toRfc3339(task.createdAt),
    startedAt: timeOf(task.startedAt),
    endedAt: timeOf(task.endedAt),
    expiresAt: timeOf(task.expiresAt),
  }
}

function filterOf(content: ExportContent): object {
  if (content.kind === 'profiles') return { segmentId: content.segment?.segmentId ?? null }
  return { from: timeOf(content.from), to: timeOf(content.to), names: content.names ?? null }
}

function timeOf(instant: Instant | undefined): string | null {
  return instant === undefined ? null : toRfc3339(instant)
}

/** Where a link leads, at the origin that the caller reached this server by, and until when. */
export function showLink(origin: string, { exportId, ...link }: ExportLink): object {
  const query = new URLSearchParams({ ...link, expires: String(link.expires) })
  return {
    url: `${origin}/api/v1/exports/${exportId}/download?${query.toString()}`,
    expiresAt: toRfc3339(link.expires * 1_000),
  }
}
