import { Badge, Button } from '@mantine/core'
import { listComputed } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { valueText } from '../../parts/json-block.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { PATHS } from '../../paths.ts'
import { profileKey } from './profile-query.ts'

/** Aggregates and expressions, computed for somebody as it is now. */
export function Computed({ profileId: id }: { profileId: number }) {
  const profileId = String(id)
  const query = useQuery({
    queryKey: [...profileKey(profileId), 'computed'],
    queryFn: ({ signal }) => answerOf(listComputed({ client, signal, path: { profileId } })),
  })
  return (
    <QueryState query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState
            title="Nothing is defined"
            text="Aggregates and expressions turn events and attributes into values."
            action={
              <Button component={Link} to={PATHS.computed} variant="default">
                Define one
              </Button>
            }
          />
        ) : (
          <DataTable
            label="Computed values"
            rows={items}
            keyOf={({ id: key }) => key}
            columns={[
              { head: 'Name', cell: ({ name }) => name },
              {
                head: 'Kind',
                cell: ({ kind }) => (
                  <Badge variant="default" tt="none">
                    {kind}
                  </Badge>
                ),
              },
              {
                head: 'Value',
                cell: ({ value }) => (value === null ? 'none' : valueText(value)),
                align: 'right',
              },
            ]}
          />
        )
      }
    </QueryState>
  )
}
