import { Collapse, Group, Stack, Text, ThemeIcon, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowMerge, IconBolt, IconPencil, IconShoppingCart } from '@tabler/icons-react'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { DialectBadge } from '../../parts/dialects.tsx'
import { plural } from '../../parts/format.ts'
import { JsonBlock, valueText } from '../../parts/json-block.tsx'
import { Time } from '../../parts/time.tsx'
import { ChangeTable } from './change-table.tsx'
import classes from './timeline-entry.module.css'
import type { Entry } from './timeline-entries.ts'
import { Unmerge } from './unmerge.tsx'

const ICONS: Readonly<Record<Entry['kind'], [Icon, string]>> = {
  event: [IconBolt, 'blue'],
  transaction: [IconShoppingCart, 'green'],
  change: [IconPencil, 'gray'],
  merge: [IconArrowMerge, 'grape'],
}

/** One thing that happened; it opens to show everything about it. */
export function TimelineEntry({ entry, profileId }: { entry: Entry; profileId: number }) {
  const [isOpen, { toggle }] = useDisclosure()
  const [EntryIcon, color] = ICONS[entry.kind]
  return (
    <div className={classes.entry}>
      <UnstyledButton className={classes.head} onClick={toggle} aria-expanded={isOpen}>
        <ThemeIcon variant="light" color={color} size={30} radius="xl" aria-hidden>
          <EntryIcon size={16} />
        </ThemeIcon>
        <Stack gap={0} flex={1} miw={0}>
          <Text size="sm" fw={550}>
            {titleOf(entry)}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {subtitleOf(entry)}
          </Text>
        </Stack>
        <Group gap="xs" wrap="nowrap" fz="xs" c="dimmed">
          <SourceBadge entry={entry} />
          <Time at={entry.at} />
        </Group>
      </UnstyledButton>
      <Collapse expanded={isOpen}>
        <div className={classes.body}>{isOpen && <Details entry={entry} profileId={profileId} />}</div>
      </Collapse>
    </div>
  )
}

function SourceBadge({ entry }: { entry: Entry }) {
  if (entry.kind === 'event') return <DialectBadge dialect={entry.event.source} />
  if (entry.kind === 'transaction') return <DialectBadge dialect={entry.transaction.source} />
  return entry.kind === 'change' ? <DialectBadge dialect={entry.change.dialect} /> : null
}

function titleOf(entry: Entry): string {
  switch (entry.kind) {
    case 'event':
      return entry.event.name
    case 'transaction':
      return `Order ${entry.transaction.orderId}: ${entry.transaction.value} ${entry.transaction.currency}`
    case 'change':
      return `Changed: ${entry.change.changes.map(({ name }) => name).join(', ')}`
    case 'merge':
      return `Profile ${entry.merge.profileId} was merged into this one`
  }
}

function subtitleOf(entry: Entry): string {
  switch (entry.kind) {
    case 'event':
      return Object.entries(entry.event.properties)
        .map(([name, value]) => `${name}: ${valueText(value)}`)
        .join(' · ')
    case 'transaction':
      return plural(entry.transaction.lines.length, 'line')
    case 'change':
      return `by ${entry.change.credential}`
    case 'merge':
      return `by ${entry.merge.by}`
  }
}

function Details({ entry, profileId }: { entry: Entry; profileId: number }): ReactNode {
  switch (entry.kind) {
    case 'event':
      return <JsonBlock value={entry.event} />
    case 'transaction':
      return <JsonBlock value={entry.transaction} />
    case 'change':
      return <ChangeTable changes={[entry.change]} />
    case 'merge':
      return <Unmerge merge={entry.merge} profileId={profileId} />
  }
}
