import { Box } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import classes from './virtual-list.module.css'

/** A list, and how its rows look. */
interface VirtualListProps<Item> {
  label: string
  items: readonly Item[]
  rowHeight: number
  keyOf: (item: Item) => string | number
  row: (item: Item) => ReactNode
  /** Asked for when the end comes near. */
  onEnd?: () => void
}

/** Rows that are made beyond those in view, and how near the end may come before more is read. */
const OVERSCAN = 12
const END_NEAR = 20

const HEIGHT_MAX = 'max(320px, calc(100vh - 224px))'

/** A list of which only the rows in view exist, however long it is. Rows are of one height, in pixels. */
export function VirtualList<Item>({ label, items, rowHeight, keyOf, row, onEnd }: VirtualListProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
  })
  const shown = virtualizer.getVirtualItems()
  const last = shown.at(-1)?.index ?? -1
  useEffect(() => {
    if (last >= items.length - END_NEAR) onEnd?.()
  }, [last, items.length, onEnd])
  const rows = shown.flatMap(({ index, start }) => {
    const item = items[index]
    if (item === undefined) return []
    const style = { height: rowHeight, transform: `translateY(${start}px)` }
    return (
      <li
        key={keyOf(item)}
        className={classes.row}
        style={style}
        aria-setsize={items.length}
        aria-posinset={index + 1}
      >
        {row(item)}
      </li>
    )
  })
  return (
    <Box
      ref={scroller}
      className={classes.scroller}
      mah={HEIGHT_MAX}
      h={Math.max(1, items.length) * rowHeight}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <ul className={classes.list} style={{ height: virtualizer.getTotalSize() }}>
        {rows}
      </ul>
    </Box>
  )
}
