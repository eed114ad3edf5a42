import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { cancelImport, getImport, pauseImport, resumeImport } from '@tributary/sdk'
import type { GetImportResponse } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyProblem } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Facts } from '../../parts/facts.tsx'
import { countText } from '../../parts/format.ts'
import { JsonBlock } from '../../parts/json-block.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { ImportProgress, ImportState, isUnderWay } from './import-progress.tsx'
import { Refusals } from './refusals.tsx'

const route = getRouteApi('/with-session/in-workspace/imports/$importId')

const POLL_MS = 1_000

/** How far an import is, what it refused, and the ways to stop it. */
export function ImportPage() {
  const { importId } = route.useParams()
  const query = useQuery({
    queryKey: ['imports', importId],
    queryFn: ({ signal }) => answerOf(getImport({ client, signal, path: { importId } })),
    refetchInterval: ({ state: { data } }) => (data && isUnderWay(data) ? POLL_MS : false),
  })
  return (
    <Page title={`Import ${importId}`} actions={query.data && <Acts task={query.data} />}>
      <QueryState query={query}>{(task) => <Progress task={task} />}</QueryState>
    </Page>
  )
}

function Progress({ task }: { task: GetImportResponse }) {
  const {
    options,
    state,
    dryRun,
    created,
    updated,
    refused,
    lastError,
    createdAt,
    endedAt,
    operation,
    credential,
  } = task
  return (
    <Stack gap="lg" maw={860}>
      {lastError !== null && (
        <Alert color="red" title="It could not go on" role="alert">
          {lastError}
        </Alert>
      )}
      <ImportProgress {...task} />
      <Facts
        facts={{
          State: <ImportState state={state} />,
          Rows: typeof options['type'] === 'string' ? options['type'] : operation,
          Stored: dryRun ? 'nothing, only checked' : undefined,
          'Profiles made': countText(created),
          'Profiles changed': countText(updated),
          'Rows refused': countText(refused),
          By: credential,
          Begun: <Time at={createdAt} whole />,
          Ended: endedAt === null ? undefined : <Time at={endedAt} whole />,
        }}
      />
      {refused > 0 && <Refusals task={task} />}
      <div>
        <Text size="sm" fw={600} mb={4}>
          How columns were read
        </Text>
        <JsonBlock value={options} maxHeight={240} />
      </div>
    </Stack>
  )
}

function Acts({ task: { id, state } }: { task: GetImportResponse }) {
  const may = useMay()
  const importId = String(id)
  const [isAsked, setAsked] = useState(false)
  const pause = useAct(importId, pauseImport)
  const resume = useAct(importId, resumeImport)
  const cancel = useAct(importId, cancelImport)
  const isOver = state === 'done' || state === 'cancelled'
  if (!may('imports:write') || isOver) return null
  return (
    <Group gap="xs">
      {isUnderWay({ state }) ? (
        <Button variant="default" loading={pause.isPending} onClick={() => pause.mutate()}>
          Pause
        </Button>
      ) : (
        <Button variant="default" loading={resume.isPending} onClick={() => resume.mutate()}>
          Go on
        </Button>
      )}
      <Button variant="default" onClick={() => setAsked(true)}>
        Cancel
      </Button>
      {isAsked && (
        <ConfirmDialog
          title="Cancel the import"
          act="Cancel the import"
          isPending={cancel.isPending}
          error={cancel.error}
          onConfirm={() => cancel.mutate(undefined, { onSuccess: () => setAsked(false) })}
          onClose={() => setAsked(false)}
        >
          What is stored stays. The rest of the file will not be stored.
        </ConfirmDialog>
      )}
    </Group>
  )
}

/** An act on an import, after which it is read anew. */
function useAct(importId: string, act: typeof pauseImport | typeof resumeImport | typeof cancelImport) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(act({ client, path: { importId } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['imports'] }),
    onError: (error) => notifyProblem(error),
  })
}
