import { Box, Group, Text, useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import 'uplot/dist/uPlot.min.css'
import { PlotTable } from './plot-table.tsx'
import type { Plot } from './plot.ts'
import { drawnOf } from './plot-options.ts'

const HEIGHT = 200

/** Values over time. The library comes with the first plot; the same values stand in a table, for those who do not see it. */
export function TimePlot({ plot, height = HEIGHT }: { plot: Plot; height?: number }) {
  if (plot.times.length > 1) return <Drawn plot={plot} height={height} />
  return (
    <>
      <Text size="sm">There is too little for a plot yet.</Text>
      <PlotTable plot={plot} />
    </>
  )
}

function Drawn({ plot, height }: { plot: Plot; height: number }) {
  const { label } = plot
  const { ref, width } = useElementSize()
  const target = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  const [index, setIndex] = useState<number | null>(null)
  useEffect(() => {
    const element = target.current
    if (!element || width === 0) return undefined
    const drawing = { width, height, scheme, onPoint: setIndex }
    let isOver = false
    let drawn: { destroy: () => void } | undefined
    const draw = async (): Promise<void> => {
      const { default: UPlot } = await import('uplot')
      if (!isOver) drawn = new UPlot(...drawnOf(plot, drawing, UPlot.paths), element)
    }
    // A browser whose language the library does not know draws nothing; the table has the same values.
    draw().catch(() => undefined)
    return () => {
      isOver = true
      drawn?.destroy()
    }
  }, [plot, width, height, scheme])
  return (
    <Box ref={ref}>
      <div ref={target} role="img" aria-label={label} style={{ height }} />
      <Legend plot={plot} index={index} />
      <PlotTable plot={plot} />
    </Box>
  )
}

/** What the colours mean, with the values of the time that is pointed at. */
function Legend({ plot: { series, times, format }, index }: { plot: Plot; index: number | null }) {
  const time = index === null ? undefined : times[index]
  return (
    <Group gap="md" mt={4} mih={20}>
      {series.map(({ label, color, values }) => {
        const value = index === null ? null : (values[index] ?? null)
        return (
          <Group key={label} gap={6} wrap="nowrap">
            <span aria-hidden style={{ background: color, borderRadius: 2, height: 10, width: 10 }} />
            <Text size="xs">
              {label}
              {value !== null && <b> {format(value)}</b>}
            </Text>
          </Group>
        )
      })}
      {time !== undefined && (
        <Text size="xs" c="dimmed">
          {new Date(time).toLocaleString()}
        </Text>
      )}
    </Group>
  )
}
