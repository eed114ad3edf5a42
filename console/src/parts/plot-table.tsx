import { Button, Collapse } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { DataTable } from './data-table.tsx'
import type { Plot } from './plot.ts'

/** The values of a plot as a table, the newest first; times without any are left out. */
export function PlotTable({ plot }: { plot: Plot }) {
  const [isOpen, { toggle }] = useDisclosure()
  const { label, times, series, format } = plot
  const rows = times
    .map((time, index) => ({ time, values: series.map(({ values }) => values[index] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null && value !== 0))
    .toReversed()
  return (
    <>
      <Button size="compact-xs" variant="subtle" onClick={toggle} aria-expanded={isOpen} mt={4}>
        {isOpen ? 'Hide the values' : 'Show the values'}
      </Button>
      <Collapse expanded={isOpen}>
        {isOpen && (
          <div
            style={{ maxHeight: 320, overflow: 'auto' }}
            tabIndex={0}
            role="region"
            aria-label={`${label}, values`}
          >
            <DataTable
              label={label}
              rows={rows}
              keyOf={({ time }) => time}
              columns={[
                { head: 'Time', cell: ({ time }) => new Date(time).toLocaleString() },
                ...series.map(({ label: head }, index) => ({
                  head,
                  align: 'right' as const,
                  cell: ({ values }: (typeof rows)[number]) => {
                    const value = values[index] ?? null
                    return value === null ? '' : format(value)
                  },
                })),
              ]}
            />
          </div>
        )}
      </Collapse>
    </>
  )
}
