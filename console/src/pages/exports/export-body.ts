import type { CreateExportData } from '@tributary/sdk'

/** The kinds of rows. */
export type ExportKind = 'profiles' | 'events'

/** What is asked for, as the form holds it. Times are local, as inputs of dates have them; empty is not asked for. */
export interface ExportDraft {
  kind: ExportKind
  format: 'ndjson' | 'csv' | 'parquet'
  gzip: boolean
  /** Undefined is everything. */
  fields: readonly string[] | undefined
  segmentId: string
  from: string
  to: string
  names: readonly string[]
}

/** What is asked for before anything is chosen. */
export const EMPTY_EXPORT: ExportDraft = {
  kind: 'profiles',
  format: 'ndjson',
  gzip: false,
  fields: undefined,
  segmentId: '',
  from: '',
  to: '',
  names: [],
}

/** What is sent: only what the kind of rows and the format take, and times in UTC. */
export function exportBody(draft: ExportDraft): CreateExportData['body'] {
  const { kind, format, gzip, fields, segmentId, from, to, names } = draft
  return {
    kind,
    format,
    // Parquet compresses inside.
    ...(gzip && format !== 'parquet' && { gzip }),
    ...(fields !== undefined && fields.length > 0 && { fields: [...fields] }),
    ...(kind === 'profiles' && segmentId !== '' && { segmentId }),
    ...(kind === 'events' && {
      ...(from !== '' && { from: new Date(from).toISOString() }),
      ...(to !== '' && { to: new Date(to).toISOString() }),
      ...(names.length > 0 && { names: [...names] }),
    }),
  }
}
