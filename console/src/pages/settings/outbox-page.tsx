import { UnstyledButton } from '@mantine/core'
import { listMessages } from '@tributary/sdk'
import type { Message } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { More } from '../../parts/more.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { Time } from '../../parts/time.tsx'
import { MessageDrawer } from './message-drawer.tsx'
import { CHANNELS, STATES } from './message-words.ts'
import { OutboxFilters } from './outbox-filters.tsx'
import { MessageState } from './message-state.tsx'

const route = getRouteApi('/with-session/in-workspace/settings/outbox')

/** Mail and text messages of the workspace, and what became of each. */
export function OutboxPage() {
  const { message } = route.useSearch()
  const open = useOpen()
  return (
    <SettingsPage
      title="Outbox"
      text="Mail and text messages of the last 30 days. What waits here may hold codes that are still good."
    >
      <OutboxFilters />
      <MessageList />
      {message !== undefined && <MessageDrawer messageId={message} onClose={() => open(undefined)} />}
    </SettingsPage>
  )
}

function useOpen(): (id: string | undefined) => void {
  const navigate = route.useNavigate()
  return (id) => void navigate({ search: (before) => ({ ...before, message: id }), replace: true })
}

function MessageList() {
  const { state: wanted, template, recipient } = route.useSearch()
  const open = useOpen()
  const state = wanted !== undefined && wanted in STATES ? (wanted as Message['state']) : undefined
  const query = useInfiniteQuery(
    pagesQuery(['outbox', 'list', state, template, recipient], ({ cursor, signal }) =>
      listMessages({ client, signal, query: { cursor, state, template, recipient } }),
    ),
  )
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  const isFiltered = [state, template, recipient].some((filter) => filter !== undefined)
  return (
    <QueryState query={query} lines={8}>
      {() =>
        rows.length === 0 ? (
          <EmptyState
            title={isFiltered ? 'No such message' : 'No messages'}
            text={
              isFiltered
                ? 'With other filters there may be some.'
                : 'When somebody must prove that an address or a telephone is theirs, what goes to them stands here.'
            }
          />
        ) : (
          <>
            <DataTable label="Messages" columns={columnsOf(open)} rows={rows} keyOf={({ id }) => id} />
            <More query={query} />
          </>
        )
      }
    </QueryState>
  )
}

const columnsOf = (open: (id: string) => void): readonly Column<Message>[] => [
  {
    head: 'To',
    cell: ({ id, recipient }) => (
      <UnstyledButton fz="sm" fw={600} c="var(--mantine-primary-color-light-color)" onClick={() => open(id)}>
        {recipient}
      </UnstyledButton>
    ),
  },
  { head: 'Message', cell: ({ template }) => template },
  { head: 'By', cell: ({ channel }) => CHANNELS[channel] },
  { head: 'State', cell: ({ state }) => <MessageState state={state} /> },
  { head: 'Attempts', cell: ({ attempts }) => attempts, align: 'right' },
  { head: 'When', cell: ({ createdAt }) => <Time at={createdAt} /> },
]
