import { Drawer, Stack, Text } from '@mantine/core'
import { listChanges } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { More } from '../../parts/more.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { ChangeTable } from './change-table.tsx'
import { profileKey } from './profile-query.ts'

const LIMIT = '200'

/** What an attribute was before, from the log of changes. */
export function HistoryDrawer({
  profileId: id,
  name,
  onClose,
}: {
  profileId: number
  name: string
  onClose: () => void
}) {
  const profileId = String(id)
  const query = useInfiniteQuery(
    pagesQuery([...profileKey(profileId), 'changes', 'history'], ({ cursor, signal }) =>
      listChanges({ client, signal, path: { profileId }, query: { cursor, limit: LIMIT } }),
    ),
  )
  const changes = query.data?.pages.flatMap(({ items }) => items) ?? []
  const own = changes.filter((change) => change.changes.some((part) => part.name === name))
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={`History of ${name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <QueryState query={query}>
        {() => (
          <Stack gap="md">
            {own.length === 0 && !query.hasNextPage && (
              <Text size="sm">The log of changes does not reach back to when it was written.</Text>
            )}
            {own.length > 0 && <ChangeTable changes={own} name={name} />}
            <More query={query} />
          </Stack>
        )}
      </QueryState>
    </Drawer>
  )
}
