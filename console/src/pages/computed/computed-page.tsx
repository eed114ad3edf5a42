import { Button, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useFresh } from '../../api/fresh.ts'
import { useMay } from '../../api/session.ts'
import { computedQuery } from '../../definitions/computed-list.ts'
import type { ComputedKind } from '../../definitions/computed-list.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { PATHS } from '../../paths.ts'
import { COMPUTED } from './computed-api.ts'
import { ComputedEditor } from './computed-editor.tsx'
import { ComputedTable } from './computed-table.tsx'

const route = getRouteApi('/with-session/in-workspace/computed')

/** Values that are computed of people: lists of them, or the one that is made or changed. */
export function ComputedPage() {
  const { kind, edit } = route.useSearch()
  const shown = kind === 'expressions' ? 'expression' : 'aggregate'
  return edit === undefined ? (
    <Lists kind={shown} />
  ) : (
    <Edit key={`${shown} ${edit}`} kind={shown} id={edit} />
  )
}

const TEXTS = {
  aggregate:
    'Aggregates are computed from the events of a person, such as what they spent in the last 30 days.',
  expression: 'Expressions are computed from attributes, aggregates and other expressions.',
} as const

function Lists({ kind }: { kind: ComputedKind }) {
  const navigate = route.useNavigate()
  const create = useMay()('segments:write') && (
    <Button
      renderRoot={(props) => (
        <Link {...props} to={PATHS.computed} search={{ kind: `${kind}s`, edit: 'new' }} />
      )}
    >
      New {kind}
    </Button>
  )
  return (
    <Page title="Computed values" text={TEXTS[kind]} actions={create}>
      <Tabs
        value={`${kind}s`}
        onChange={(next) => void navigate({ search: { kind: next ?? undefined }, replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="aggregates">Aggregates</Tabs.Tab>
          <Tabs.Tab value="expressions">Expressions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={`${kind}s`}>
          <ComputedList kind={kind} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function ComputedList({ kind }: { kind: ComputedKind }) {
  const query = useQuery(computedQuery(kind))
  return (
    <QueryState query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState
            title={`There are no ${kind}s yet`}
            text="They can be conditions of segments and columns of exports."
          />
        ) : (
          <ComputedTable kind={kind} rows={items} />
        )
      }
    </QueryState>
  )
}

function Edit({ kind, id }: { kind: ComputedKind; id: string }) {
  const navigate = route.useNavigate()
  const leave = (): void => void navigate({ search: { kind: `${kind}s` } })
  const query = useFresh({
    queryKey: ['computed', kind, id] as const,
    queryFn: ({ signal }) => COMPUTED[kind].get(id, signal),
    enabled: id !== 'new',
  })
  if (id === 'new')
    return (
      <Page title={`New ${kind}`} text={TEXTS[kind]}>
        <ComputedEditor kind={kind} opened={undefined} onDone={leave} />
      </Page>
    )
  return (
    <Page title={query.data?.name ?? `Edit ${kind}`} text={TEXTS[kind]}>
      <QueryState query={query}>
        {(opened) => <ComputedEditor kind={kind} opened={opened} onDone={leave} />}
      </QueryState>
    </Page>
  )
}
