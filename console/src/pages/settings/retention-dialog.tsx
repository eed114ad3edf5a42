import { Alert, Modal, Stack, Text } from '@mantine/core'
import { previewRetention } from '@tributary/sdk'
import type { PreviewRetentionResponse } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { countText } from '../../parts/format.ts'
import { QueryState } from '../../parts/query-state.tsx'
import { wholeTime } from '../../parts/time.tsx'
import type { Values } from './policy-values.ts'

type Item = PreviewRetentionResponse['items'][number]

/** What the next upkeep would forget under the values of a form; with `onConfirm` they can be saved then. */
export function RetentionDialog(props: { values: Values; onConfirm?: () => void; onClose: () => void }) {
  const { values, onConfirm, onClose } = props
  const query = usePreview(values)
  const content = <QueryState query={query}>{({ items }) => <Forgotten items={items} />}</QueryState>
  if (!onConfirm)
    return (
      <Modal opened onClose={onClose} title="What would be forgotten" size="lg" centered>
        {content}
      </Modal>
    )
  const isGrave = query.data?.items.some(({ count }) => count > 0) ?? false
  return (
    <FormDialog
      title="What would be forgotten"
      act={isGrave ? 'Save, and forget this' : 'Save'}
      size="lg"
      isGrave={isGrave}
      isReady={query.data !== undefined}
      isPending={false}
      error={undefined}
      onSubmit={onConfirm}
      onClose={onClose}
    >
      {content}
    </FormDialog>
  )
}

function usePreview(values: Values) {
  const days = Object.fromEntries(
    Object.entries(values).filter(([, value]) => typeof value === 'number' || Array.isArray(value)),
  )
  return useQuery({
    queryKey: ['retention', days],
    queryFn: ({ signal }) => answerOf(previewRetention({ client, signal, body: days })),
    staleTime: 0,
    gcTime: 0,
  })
}

const KINDS: Readonly<Record<string, string>> = {
  ledger: 'Refusals',
  changeLog: 'Log of changes',
  eventIds: 'Ids of events',
  exports: 'Files of exports',
}

function Forgotten({ items }: { items: readonly Item[] }) {
  const rows = items.filter(({ count }) => count > 0)
  if (rows.length === 0) return <Text size="sm">Nothing that is there now is that old.</Text>
  return (
    <Stack gap="sm">
      <Alert color="red" role="alert">
        The next upkeep, within an hour, forgets this for ever.
      </Alert>
      <DataTable
        label="What would be forgotten"
        rows={rows}
        keyOf={({ kind, name }) => `${kind} ${name ?? ''}`}
        columns={[
          { head: 'What', cell: wordsOf },
          { head: 'Older than', cell: ({ before }) => wholeTime(before) },
          {
            head: 'How many',
            align: 'right',
            cell: ({ count, isCapped }) => `${isCapped ? 'at least ' : ''}${countText(count)}`,
          },
        ]}
      />
    </Stack>
  )
}

function wordsOf({ kind, name }: Item): string {
  if (kind !== 'events') return KINDS[kind] ?? kind
  return name === null ? 'Events' : `Events “${name}”`
}
