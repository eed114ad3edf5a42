import { Drawer, Group, UnstyledButton } from '@mantine/core'
import { listRejections } from '@tributary/sdk'
import type { Rejection } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { DialectSelect } from '../../parts/dialect-select.tsx'
import { DialectBadge } from '../../parts/dialects.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { countText } from '../../parts/format.ts'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { PersonLink } from '../../parts/person-link.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { TypedInput } from '../../parts/typed-input.tsx'
import { RejectionDetails } from './rejection-details.tsx'

const route = getRouteApi('/with-session/in-workspace/rejections')

/** What was refused, dropped or ignored, as long as the ledger keeps it. */
export function RejectionsPage() {
  const { dialect, reason, rejection } = route.useSearch()
  const navigate = route.useNavigate()
  const open = (id: string | undefined): void =>
    void navigate({ search: (before) => ({ ...before, rejection: id }) })
  const query = useInfiniteQuery(
    pagesQuery(['rejections', dialect, reason], ({ cursor, signal }) =>
      listRejections({ client, signal, query: { cursor, dialect, reason } }),
    ),
  )
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  const opened = rows.find(({ id }) => id === rejection)
  return (
    <Page
      title="Refusals"
      text="What was refused, dropped or ignored, and why. What you mend can be sent again."
    >
      <RejectionFilters />
      <QueryState query={query}>
        {() =>
          rows.length === 0 ? (
            <EmptyState title="Nothing was refused" text="Everything that came was taken in." />
          ) : (
            <>
              <DataTable label="Refusals" columns={columnsOf(open)} rows={rows} keyOf={({ id }) => id} />
              <More query={query} />
            </>
          )
        }
      </QueryState>
      {opened && (
        <Drawer
          opened
          onClose={() => open(undefined)}
          position="right"
          size="lg"
          title={`${opened.operation}: ${opened.reason}`}
          closeButtonProps={{ 'aria-label': 'Close' }}
        >
          <RejectionDetails rejection={opened} />
        </Drawer>
      )}
    </Page>
  )
}

function columnsOf(open: (id: string) => void): Column<Rejection>[] {
  return [
    {
      head: 'Reason',
      cell: ({ id, reason }) => (
        <UnstyledButton
          fz="sm"
          fw={600}
          c="var(--mantine-primary-color-light-color)"
          onClick={() => open(id)}
        >
          {reason}
        </UnstyledButton>
      ),
    },
    { head: 'Operation', cell: ({ operation }) => operation },
    { head: 'API', cell: ({ dialect }) => <DialectBadge dialect={dialect} /> },
    { head: 'Person', cell: ({ profileId }) => <PersonLink profileId={profileId} /> },
    { head: 'Times', cell: ({ occurrences }) => countText(occurrences), align: 'right' },
    { head: 'When', cell: ({ at }) => <Time at={at} /> },
    { head: 'Sent again', cell: ({ replayedAt }) => (replayedAt === null ? '' : <Time at={replayedAt} />) },
  ]
}

function RejectionFilters() {
  const { dialect, reason = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (changed: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...changed, rejection: undefined }), replace: true })
  return (
    <Group gap="xs">
      <DialectSelect value={dialect} onChange={(value) => set({ dialect: value })} />
      <TypedInput
        aria-label="Reason"
        placeholder="Reason"
        w={240}
        initial={reason}
        onRest={(text) => set({ reason: text })}
      />
    </Group>
  )
}
