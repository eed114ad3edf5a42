import { Badge, Button, Group, Text } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '../../parts/empty-state.tsx'
import { countText, plural } from '../../parts/format.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { VirtualList } from '../../parts/virtual-list.tsx'
import { PATHS } from '../../paths.ts'
import { ItemDrawer } from './item-drawer.tsx'
import { LiveFilters } from './live-filters.tsx'
import { keyOfItem } from './live-item.ts'
import type { LiveItem } from './live-item.ts'
import { LIVE_ROW_HEIGHT, LiveRow } from './live-row.tsx'
import { useLiveStream } from './use-live-stream.ts'
import type { LiveStream } from './use-live-stream.ts'

const route = getRouteApi('/with-session/in-workspace/live')

/** What comes in and what is refused, as it arrives. */
export function LivePage() {
  const stream = useLiveStream(route.useSearch())
  const [opened, setOpened] = useState<LiveItem>()
  return (
    <Page
      title="Live"
      text="What your applications send, as it arrives, and why something was refused."
      actions={<Actions stream={stream} />}
    >
      <Group justify="space-between" gap="sm">
        <LiveFilters />
        <StreamState stream={stream} />
      </Group>
      {stream.state === 'broken' && (
        <ProblemAlert
          error={new Error('The stream ended. The session may have ended too.')}
          action={<Button onClick={stream.reconnect}>Connect again</Button>}
        />
      )}
      {stream.items.length === 0 ? (
        <EmptyState
          title="Waiting for the first item"
          text="Send something through any of the APIs; it shows here within a second."
          action={
            <Button component={Link} to={PATHS.connect} variant="default">
              How to send
            </Button>
          }
        />
      ) : (
        <VirtualList
          label="Items, the newest first"
          items={stream.items}
          rowHeight={LIVE_ROW_HEIGHT}
          keyOf={keyOfItem}
          row={(item) => <LiveRow item={item} onOpen={setOpened} />}
        />
      )}
      {opened && <ItemDrawer item={opened} onClose={() => setOpened(undefined)} />}
    </Page>
  )
}

function Actions({ stream: { isPaused, setPaused, clear } }: { stream: LiveStream }) {
  return (
    <>
      <Button
        variant="default"
        onClick={() => setPaused(!isPaused)}
        leftSection={
          isPaused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
        }
      >
        {isPaused ? 'Go on' : 'Pause'}
      </Button>
      <Button variant="default" onClick={clear}>
        Clear
      </Button>
      <Button component={Link} to={PATHS.rejections} variant="default">
        All refusals
      </Button>
    </>
  )
}

const STATES = {
  connecting: { label: 'Connecting', color: 'yellow' },
  open: { label: 'Connected', color: 'teal' },
  broken: { label: 'Not connected', color: 'red' },
} as const

function StreamState({ stream }: { stream: LiveStream }) {
  const { state, items, skipped, isPaused, waiting } = stream
  const { label, color } = STATES[state]
  return (
    <Group gap="sm">
      <Badge variant="dot" color={color} tt="none" role="status">
        {label}
      </Badge>
      <Text size="sm" c="dimmed">
        {plural(items.length, 'item')}
        {isPaused && `, ${countText(waiting)} more while paused`}
        {skipped > 0 && `, ${countText(skipped)} left out: too many, or too long`}
      </Text>
    </Group>
  )
}
