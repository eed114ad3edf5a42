import { Drawer, Group, UnstyledButton } from '@mantine/core'
import { listAudit } from '@tributary/sdk'
import type { Act } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { useSession } from '../../api/session.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { More } from '../../parts/more.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { Time } from '../../parts/time.tsx'
import { TypedInput } from '../../parts/typed-input.tsx'
import { ActDetails } from './act-details.tsx'

const route = getRouteApi('/with-session/in-workspace/settings/audit')

/** Who did what, the newest first. */
export function AuditPage() {
  const { user } = useSession()
  return (
    <SettingsPage
      title="Audit log"
      text={
        user.role === 'owner'
          ? 'Who did what in the whole installation, the newest first.'
          : 'Who did what in this workspace, the newest first.'
      }
    >
      <ActFilters />
      <ActList />
    </SettingsPage>
  )
}

function ActList() {
  const { action, actor, act } = route.useSearch()
  const navigate = route.useNavigate()
  const open = (id: string | undefined): void =>
    void navigate({ search: (before) => ({ ...before, act: id }), replace: true })
  const query = useInfiniteQuery(
    pagesQuery(['audit', action, actor], ({ cursor, signal }) =>
      listAudit({ client, signal, query: { cursor, action, actor } }),
    ),
  )
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  const opened = rows.find(({ id }) => id === act)
  return (
    <QueryState query={query} lines={8}>
      {() => (
        <>
          {rows.length === 0 ? (
            <EmptyState title="Nothing was done" text="With these filters there is no act." />
          ) : (
            <DataTable label="Acts" columns={columnsOf(open)} rows={rows} keyOf={({ id }) => id} />
          )}
          <More query={query} />
          {opened && (
            <Drawer opened onClose={() => open(undefined)} position="right" size="lg" title={opened.action}>
              <ActDetails act={opened} />
            </Drawer>
          )}
        </>
      )}
    </QueryState>
  )
}

const columnsOf = (open: (id: string) => void): readonly Column<Act>[] => [
  { head: 'When', cell: ({ at }) => <Time at={at} />, width: 120 },
  {
    head: 'Act',
    cell: ({ id, action }) => (
      <UnstyledButton fz="sm" fw={600} c="var(--mantine-primary-color-light-color)" onClick={() => open(id)}>
        {action}
      </UnstyledButton>
    ),
  },
  { head: 'On', cell: ({ object }) => object },
  { head: 'By', cell: ({ actor }) => actor.name },
  { head: 'From', cell: ({ address }) => address },
]

function ActFilters() {
  return (
    <Group gap="xs">
      <Filter name="action" label="Act" placeholder="Act, such as key.create" />
      <Filter name="actor" label="Who" placeholder="Who, such as an e-mail" />
    </Group>
  )
}

function Filter(props: { name: 'action' | 'actor'; label: string; placeholder: string }) {
  const { name, label, placeholder } = props
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <TypedInput
      aria-label={label}
      placeholder={placeholder}
      w={230}
      initial={search[name] ?? ''}
      onRest={(text) =>
        void navigate({ search: (before) => ({ ...before, [name]: text, act: undefined }), replace: true })
      }
    />
  )
}
