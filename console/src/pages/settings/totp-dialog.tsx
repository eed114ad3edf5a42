import { Group, Image, Loader, Stack, Text } from '@mantine/core'
import { confirmTotp, enrolTotp } from '@tributary/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { CopyText } from '../../parts/copy-text.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { CodeInput, sentCode } from './code-input.tsx'

/** Sets one-time codes up: the app reads the picture, and its first code proves that it did. */
export function TotpDialog(props: {
  onDone: (recoveryCodes: readonly string[]) => void
  onClose: () => void
}) {
  const { onDone, onClose } = props
  const [code, setCode] = useState('')
  const enrolment = useEnrolment()
  const confirm = useMutation({
    mutationFn: () => answerOf(confirmTotp({ client, body: { code: sentCode(code) } })),
    onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes),
  })
  return (
    <FormDialog
      title="Set up a second factor"
      act="Turn it on"
      isReady={enrolment.data !== undefined && code !== ''}
      isPending={confirm.isPending}
      error={confirm.error}
      onSubmit={() => confirm.mutate()}
      onClose={onClose}
    >
      {enrolment.error && <ProblemAlert error={enrolment.error} />}
      {enrolment.isPending && <Loader aria-label="Loading" />}
      {enrolment.data && (
        <Stack gap="sm">
          <Text size="sm">
            Read this picture with an authenticator app on your telephone, then type what it shows.
          </Text>
          <Group justify="center">
            <Image
              src={enrolment.data.qrCode}
              alt="QR code for an authenticator app"
              w={180}
              h={180}
              bg="white"
            />
          </Group>
          <Text size="sm" component="div">
            Without a camera, type this into the app:
            <CopyText text={enrolment.data.secret} label="the secret" />
          </Text>
          <CodeInput code={code} isRecoveryTaken={false} onChange={setCode} />
        </Stack>
      )}
    </FormDialog>
  )
}

/** Asked for once for each time that the dialog opens: every enrolment has a secret of its own, and the last one counts. */
function useEnrolment() {
  return useQuery({
    queryKey: ['totp'],
    queryFn: ({ signal }) => answerOf(enrolTotp({ client, signal })),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnMount: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
}
