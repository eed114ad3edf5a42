import { Alert, Button, Drawer, Group, Stack, Text } from '@mantine/core'
import { getMessage, retryMessage } from '@tributary/sdk'
import type { GetMessageResponse } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { Facts } from '../../parts/facts.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { MessageContent } from './message-content.tsx'
import { CHANNELS, STATES } from './message-words.ts'
import { MessageState } from './message-state.tsx'

/** How often a message that is on its way is looked at. */
const LOOK_EVERY_MS = 2_000

/** A message, with what it says as long as that is kept. */
export function MessageDrawer({ messageId, onClose }: { messageId: string; onClose: () => void }) {
  const query = useQuery({
    queryKey: ['outbox', 'message', messageId],
    queryFn: ({ signal }) => answerOf(getMessage({ client, signal, path: { messageId } })),
    refetchInterval: ({ state }) => (state.data?.state === 'queued' ? LOOK_EVERY_MS : false),
  })
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title="Message">
      <QueryState query={query} lines={8}>
        {(message) => <Known message={message} />}
      </QueryState>
    </Drawer>
  )
}

function Known({ message }: { message: GetMessageResponse }) {
  const { recipient, channel, template, state, attempts, nextAttemptAt, lastError, createdAt, sentAt } =
    message
  return (
    <Stack gap="md">
      <Facts
        facts={{
          To: recipient,
          By: CHANNELS[channel],
          Message: template,
          State: (
            <Stack gap={2} align="flex-start">
              <MessageState state={state} />
              <Text size="xs" c="dimmed">
                {STATES[state].text}
              </Text>
            </Stack>
          ),
          Attempts: attempts,
          Made: <Time at={createdAt} whole />,
          'Sent at': sentAt === null ? undefined : <Time at={sentAt} whole />,
          'Next attempt': nextAttemptAt === null ? undefined : <Time at={nextAttemptAt} whole />,
        }}
      />
      {lastError !== null && (
        <Alert color="red" title="What the other side said last">
          {lastError}
        </Alert>
      )}
      {state !== 'sent' && <Retry messageId={message.id} />}
      {message.text === null ? (
        <Text size="sm">What it said was forgotten once it was sent: it held a link or a code.</Text>
      ) : (
        <MessageContent {...message} text={message.text} />
      )}
    </Stack>
  )
}

function Retry({ messageId }: { messageId: string }) {
  const queryClient = useQueryClient()
  const retry = useMutation({
    mutationFn: () => answerOf(retryMessage({ client, path: { messageId } })),
    onSuccess: () => {
      notifyDone('It is due now, with all its attempts again.')
      return queryClient.invalidateQueries({ queryKey: ['outbox'] })
    },
  })
  return (
    <Stack gap="xs">
      {retry.error && <ProblemAlert error={retry.error} />}
      <Group>
        <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
          Try again now
        </Button>
      </Group>
    </Stack>
  )
}
