import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

/** A column: its head, and what stands in it for a row. */
export interface Column<Row> {
  head: string
  cell: (row: Row) => ReactNode
  align?: 'left' | 'right'
  width?: number | string
}

/** Rows and columns; narrow screens scroll it sideways. */
export function DataTable<Row>(props: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string | number
}) {
  const { label, columns, rows, keyOf } = props
  return (
    <Table.ScrollContainer
      minWidth={columns.length * 120}
      type="native"
      tabIndex={0}
      aria-label={label}
      role="region"
    >
      <Table highlightOnHover verticalSpacing="xs" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ head, align, width }) => (
              <Table.Th key={head} ta={align} w={width}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map(({ head, cell, align }) => (
                <Table.Td key={head} ta={align}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
