import { listDevices } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { More } from '../../parts/more.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { profileKey } from './profile-query.ts'

/** Devices of somebody, the last linked first. */
export function Devices({ profileId: id }: { profileId: number }) {
  const profileId = String(id)
  const query = useInfiniteQuery(
    pagesQuery([...profileKey(profileId), 'devices'], ({ cursor, signal }) =>
      listDevices({ client, signal, path: { profileId }, query: { cursor } }),
    ),
  )
  const devices = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <QueryState query={query}>
      {() =>
        devices.length === 0 ? (
          <EmptyState title="No devices" text="Devices come with apps that register for push messages." />
        ) : (
          <>
            <DataTable
              label="Devices"
              rows={devices}
              keyOf={({ id: key }) => key}
              columns={[
                { head: 'Device', cell: ({ id: key }) => key },
                { head: 'Type', cell: ({ type }) => type },
                {
                  head: 'Model',
                  cell: ({ manufacturer, model }) => [manufacturer, model].filter(Boolean).join(' '),
                },
                { head: 'System', cell: ({ osVersion }) => osVersion },
                { head: 'Linked', cell: ({ linkedAt }) => <Time at={linkedAt} /> },
              ]}
            />
            <More query={query} />
          </>
        )
      }
    </QueryState>
  )
}
