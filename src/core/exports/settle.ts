import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Computed } from '../../model/computed.ts'
import type { ExportColumn, ExportContent } from '../../model/export.ts'
import type { Queryable } from '../../storage/db.ts'
import { computedFor, inlineComputed } from '../computed/index.ts'
import { definitionOf, onlyWith } from '../segments/index.ts'

/** What an export is asked to hold: a segment is named by its id, and what it says by now is what counts. */
export type ContentDraft =
  | {
      kind: 'profiles'
      columns: readonly ExportColumn[]
      segmentId?: string
      /** Of the segment only those with an e-mail, or those without. */
      hasEmail?: boolean
    }
  | Extract<ExportContent, { kind: 'events' }>

/**
 * What an export holds, with the definitions that it is made by: they may change or go before the file is written.
 * @throws CDP_SEGMENT_NOT_FOUND CDP_COMPUTED_NOT_FOUND CDP_BODY_INVALID too many computed columns, or a range that ends before it begins
 */
export async function settleContent(
  db: Queryable,
  workspaceId: number,
  content: ContentDraft,
): Promise<ExportContent> {
  if (content.kind === 'events') {
    requireRange(content)
    return content
  }
  const { segmentId, hasEmail, ...rest } = content
  const columns = await settleColumns(db, workspaceId, rest.columns)
  if (segmentId === undefined) return { ...rest, columns }
  const definition = await definitionOf(db, { workspaceId, segmentId }, 'any')
  return { ...rest, columns, segment: { segmentId, definition: onlyWith(definition, hasEmail) } }
}

/** Nothing can be in a range that is backwards: who asks for it has confused something, and would take no rows for an answer. */
function requireRange({ from = -Infinity, to = Infinity }: { from?: Instant; to?: Instant }): void {
  if (from >= to)
    throw new CdpError('CDP_BODY_INVALID', { detail: 'to: must be later than from', pointer: '/to' })
}

/** Most computed columns of one export: they are values of one statement. */
const COMPUTED_MAX = 50

async function settleColumns(
  db: Queryable,
  workspaceId: number,
  columns: readonly ExportColumn[],
): Promise<ExportColumn[]> {
  const references = columns.flatMap((column) =>
    column.source === 'computed' ? [{ type: column.kind, id: column.id }] : [],
  )
  if (references.length > COMPUTED_MAX)
    throw new CdpError('CDP_BODY_INVALID', {
      detail: `There must be at most ${COMPUTED_MAX} aggregates and expressions.`,
      pointer: '/fields',
    })
  const byId = await computedFor(db, workspaceId, references)
  return columns.map((column, index) => {
    if (column.source !== 'computed') return column
    const found = byId.get(column.id)
    if (found?.kind !== column.kind)
      throw new CdpError('CDP_COMPUTED_NOT_FOUND', { pointer: `/fields/${index}` })
    const { kind, definition } = found
    return { ...column, computed: { kind, definition: inlineComputed(definition, byId) } as Computed }
  })
}
