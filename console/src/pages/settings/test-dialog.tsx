import { SegmentedControl, TextInput } from '@mantine/core'
import { sendTestMessage } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf, complaintAt } from '../../api/problem.ts'
import { useSession } from '../../api/session.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { PATHS } from '../../paths.ts'

type Channel = 'mail' | 'sms'

/** Sends a message that says nothing but that it arrived; what becomes of it stands in the outbox. */
export function TestDialog({ onClose }: { onClose: () => void }) {
  const { user } = useSession()
  const [channel, setChannel] = useState<Channel>('mail')
  const [recipient, setRecipient] = useState(user.email)
  const send = useSend()
  return (
    <FormDialog
      title="Send a test message"
      act="Send"
      isReady={recipient.trim() !== ''}
      isPending={send.isPending}
      error={send.error}
      onSubmit={() => send.mutate({ channel, recipient: recipient.trim() })}
      onClose={onClose}
    >
      <SegmentedControl
        aria-label="How it goes out"
        value={channel}
        onChange={(value) => {
          setChannel(value)
          setRecipient(value === 'mail' ? user.email : '')
        }}
        data={[
          { value: 'mail', label: 'Mail' },
          { value: 'sms', label: 'SMS' },
        ]}
      />
      <TextInput
        label={channel === 'mail' ? 'E-mail' : 'Telephone'}
        {...(channel === 'sms' && { description: 'With the country, such as +48600700800.' })}
        type={channel === 'mail' ? 'email' : 'tel'}
        required
        data-autofocus
        value={recipient}
        error={complaintAt(send.error, '/recipient')}
        onChange={(event) => setRecipient(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

function useSend() {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (body: { channel: Channel; recipient: string }) =>
      answerOf(sendTestMessage({ client, body })),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: ['outbox'] })
      await navigate({ to: PATHS.outbox, search: { message: id } })
    },
  })
}
