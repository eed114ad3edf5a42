import { Group, Text, UnstyledButton } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { memo } from 'react'
import { DialectBadge } from '../../parts/dialects.tsx'
import { receivedAt, titleOfItem } from './live-item.ts'
import type { LiveItem } from './live-item.ts'
import classes from './live-row.module.css'

/** Pixels. */
export const LIVE_ROW_HEIGHT = 44

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** One item; it opens by a click. */
export const LiveRow = memo(function LiveRow(props: { item: LiveItem; onOpen: (item: LiveItem) => void }) {
  const { item, onOpen } = props
  const isAccepted = item.outcome === 'accepted'
  return (
    <UnstyledButton className={classes.row} onClick={() => onOpen(item)}>
      <Text size="sm" c="dimmed" w={72} visibleFrom="sm">
        {CLOCK.format(new Date(receivedAt(item)))}
      </Text>
      {isAccepted ? (
        <IconCircleCheck size={18} color="var(--mantine-color-teal-7)" aria-label="Accepted" />
      ) : (
        <IconCircleX size={18} color="var(--mantine-color-red-7)" aria-label="Refused" />
      )}
      <Text size="sm" fw={500} truncate flex={1} miw={0}>
        {titleOfItem(item)}
      </Text>
      <Group gap="sm" wrap="nowrap">
        <Text size="sm" c="dimmed" visibleFrom="md" w={110} truncate>
          {item.profileId === null ? 'nobody' : `profile ${item.profileId}`}
        </Text>
        <DialectBadge dialect={item.dialect} />
        <Text size="sm" c="dimmed" visibleFrom="sm" w={64} ta="right">
          {Math.round(item.lagMs)} ms
        </Text>
      </Group>
    </UnstyledButton>
  )
})
