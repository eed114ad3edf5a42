import type { GetHistoryResponse } from '@tributary/sdk'
import { useMemo } from 'react'
import { Card } from '../../parts/card.tsx'
import { DIALECT_COLORS, DIALECT_NAMES } from '../../parts/dialects.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { shortCount } from '../../parts/format.ts'
import { TimePlot } from '../../parts/time-plot.tsx'
import type { Plot, Series } from '../../parts/plot.ts'
import { STEP_WORDS } from './ranges.ts'

/** Colours of lines that have none of their own; neighbours differ also for those who see few colours. */
const PALETTE = [
  '#0b7285',
  '#e8590c',
  '#7048e8',
  '#2b8a3e',
  '#c2255c',
  '#1971c2',
  '#a07d00',
  '#5c940d',
  '#862e9c',
  '#495057',
]

const colorAt = (index: number): string => PALETTE[index % PALETTE.length] ?? '#495057'

/** What came in, by API and by name, what was refused, and how long it took. */
export function HistoryPlots({ history }: { history: GetHistoryResponse }) {
  const plots = useMemo(() => plotsOf(history), [history])
  return plots.map((plot) => (
    <Card key={plot.label} title={plot.label}>
      {plot.series.length === 0 ? <EmptyState title="Nothing in this time" /> : <TimePlot plot={plot} />}
    </Card>
  ))
}

function plotsOf({
  times,
  step,
  events,
  profileWrites,
  names,
  otherNames,
  rejections,
  latencyMs,
}: GetHistoryResponse): Plot[] {
  const per = STEP_WORDS[step] ?? step
  const counts = { times, format: shortCount, isStacked: true }
  const named = names.map(({ name, values }, index): Series => ({
    label: name,
    color: colorAt(index),
    values,
  }))
  const rest: Series[] =
    otherNames.total > 0 ? [{ label: 'all others', color: '#868e96', values: otherNames.values }] : []
  return [
    { ...counts, label: `Events by API, each ${per}`, series: byDialect(events) },
    { ...counts, label: `Events by name, each ${per}`, series: [...named, ...rest] },
    { ...counts, label: `Writes to profiles by API, each ${per}`, series: byDialect(profileWrites) },
    {
      ...counts,
      label: `Refusals by reason, each ${per}`,
      series: rejections.map(({ reason, values }, index) => ({
        label: reason,
        color: colorAt(index),
        values,
      })),
    },
    { label: 'From receipt to disk', times, format: milliseconds, series: latencies(latencyMs) },
  ]
}

function byDialect(list: GetHistoryResponse['events']): Series[] {
  return list
    .filter(({ total }) => total > 0)
    .map(({ dialect, values }, index) => ({
      label: DIALECT_NAMES[dialect] ?? dialect,
      color: DIALECT_COLORS[dialect] ?? colorAt(index),
      values,
    }))
}

function latencies({ p50, p95, p99 }: GetHistoryResponse['latencyMs']): Series[] {
  if (p50.every((value) => value === null)) return []
  return [
    { label: 'p50', color: '#0b7285', values: p50 },
    { label: 'p95', color: '#e8590c', values: p95 },
    { label: 'p99', color: '#c2255c', values: p99 },
  ]
}

function milliseconds(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(1)} s` : `${Math.round(value)} ms`
}
