import { expect, test } from 'vitest'
import { EMPTY_EXPORT, exportBody } from './export-body.ts'

test('what was not chosen is not sent', () => {
  expect(exportBody(EMPTY_EXPORT)).toEqual({ kind: 'profiles', format: 'ndjson' })
  expect(exportBody({ ...EMPTY_EXPORT, fields: [] })).toEqual({ kind: 'profiles', format: 'ndjson' })
})

test('what the other kind of rows has is not sent', () => {
  const all = {
    ...EMPTY_EXPORT,
    gzip: true,
    fields: ['name'],
    segmentId: 's',
    from: '2026-01-01T00:00',
    to: '2026-02-01T00:00',
    names: ['Order Completed'],
  }
  expect(exportBody(all)).toEqual({
    kind: 'profiles',
    format: 'ndjson',
    gzip: true,
    fields: ['name'],
    segmentId: 's',
  })
  expect(exportBody({ ...all, kind: 'events', format: 'parquet' })).toEqual({
    kind: 'events',
    format: 'parquet',
    fields: ['name'],
    from: new Date('2026-01-01T00:00').toISOString(),
    to: new Date('2026-02-01T00:00').toISOString(),
    names: ['Order Completed'],
  })
})
