import { expect, test } from 'vitest'
import { asMomentKind, asWindowKind, momentKindOf, windowKindOf, withSeconds } from './moments.ts'
import type { MomentKind, WindowKind } from './moments.ts'

const LAST = { from: { offset: -7, unit: 'day' } }
const MOMENTS = ['2026-03-01', '2026-03-01T10:30', '2026-03-01T10:30:00+02:00', { offset: -1, unit: 'week' }]
const WINDOWS = [
  undefined,
  {},
  LAST,
  { from: '2026-03-01' },
  { to: '2026-03-01' },
  { ...LAST, to: '2026-03-01' },
]
const MOMENT_KINDS: readonly MomentKind[] = ['relative', 'day', 'time', 'text']
const WINDOW_KINDS: readonly WindowKind[] = ['any', 'last', 'since', 'until', 'between']

test('a moment is of the kind that it was changed to', () => {
  for (const moment of MOMENTS)
    for (const kind of MOMENT_KINDS) expect(momentKindOf(asMomentKind(moment, kind, '2026-11-26'))).toBe(kind)
})

test('a moment keeps its day and its time as far as the kind has them', () => {
  expect(asMomentKind('2026-03-01T10:30', 'day', '')).toBe('2026-03-01')
  expect(asMomentKind('2026-03-01T10:30', 'text', '')).toBe('2026-03-01T10:30:00Z')
  expect(asMomentKind('2026-03-01T10:30:15+02:00', 'time', '')).toBe('2026-03-01T10:30:15')
  expect(asMomentKind('2026-03-01', 'time', '')).toBe('2026-03-01T00:00:00')
  expect(asMomentKind({ offset: -1, unit: 'day' }, 'day', '2026-11-26')).toBe('2026-11-26')
})

test('a time has seconds, which inputs of browsers leave out', () => {
  expect(withSeconds('2026-03-01T10:30')).toBe('2026-03-01T10:30:00')
  expect(withSeconds('2026-03-01T10:30:15')).toBe('2026-03-01T10:30:15')
  expect(withSeconds('2026-03-01')).toBe('2026-03-01')
})

test('a window is of the kind that it was changed to', () => {
  for (const window of WINDOWS)
    for (const kind of WINDOW_KINDS) expect(windowKindOf(asWindowKind(window, kind))).toBe(kind)
})

test('a window that is of that kind already stays as it is', () => {
  for (const window of WINDOWS) expect(asWindowKind(window, windowKindOf(window))).toBe(window)
})
