import type { AlignedData, Options, Series } from 'uplot'
import { stackedValues } from './stacked-values.ts'
import type { Plot } from './plot.ts'

/** What a plot is drawn into, and who hears of the point that is looked at. */
export interface Drawing {
  width: number
  height: number
  scheme: 'light' | 'dark'
  onPoint: (index: number | null) => void
}

const INKS = {
  light: { text: '#5a6169', grid: 'rgba(0, 0, 0, 0.07)' },
  dark: { text: '#a9abb0', grid: 'rgba(255, 255, 255, 0.08)' },
} as const

const FONT = "11px 'Inter Variable', system-ui, sans-serif"

/** What the plotting library is given: its settings, and the values in columns behind their times. */
export function drawnOf(
  plot: Plot,
  drawing: Drawing,
  paths: Pick<Series.PathBuilderFactories, 'stepped'>,
): [Options, AlignedData] {
  const { times, series, isStacked = false } = plot
  const values = isStacked ? stackedValues(series) : series.map((line) => [...line.values])
  const seconds = times.map((time) => Date.parse(time) / 1_000)
  return [
    optionsOf(plot, drawing, plot.isStepped ? paths.stepped?.({ align: 1 }) : undefined),
    [seconds, ...values],
  ]
}

/** Axes without clutter, from zero up. */
function optionsOf(
  { times, series, format, isStacked = false }: Plot,
  { width, height, scheme, onPoint }: Drawing,
  stepped: Series.PathBuilder | undefined,
): Options {
  const { text: stroke, grid } = INKS[scheme]
  const axis = { stroke, font: FONT, grid: { stroke: grid, width: 1 }, ticks: { show: false } }
  const write = (_plot: unknown, values: number[]): string[] => values.map(format)
  const clock = clockOf(times)
  const tell = (_plot: unknown, seconds: number[]): string[] =>
    seconds.map((second) => clock.format(second * 1_000))
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.08)] } },
    axes: [
      { ...axis, values: tell },
      { ...axis, size: 56, values: write },
    ],
    series: [
      {},
      ...series.map(({ label, color }) => ({
        label,
        stroke: color,
        width: 1.5,
        fill: `${color}${isStacked ? '55' : '18'}`,
        points: { show: !isStacked, size: 4 },
        ...(stepped && { paths: stepped }),
      })),
    ],
    bands: isStacked ? series.slice(1).map((_series, index) => ({ series: [index + 2, index + 1] })) : [],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  }
}

const DAY_MS = 86_400_000

/** The time of the day, or the day where it is more than two of them. */
function clockOf(times: readonly string[]): Intl.DateTimeFormat {
  const length = Date.parse(times.at(-1) ?? '') - Date.parse(times[0] ?? '')
  return length > 2 * DAY_MS
    ? new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
    : new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
}
