import { Text } from '@mantine/core'
import { removeTotp, renewRecoveryCodes } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { CodeInput, sentCode } from './code-input.tsx'

/** Ten recovery codes in place of all others. */
export function RenewCodesDialog(props: { onDone: (codes: readonly string[]) => void; onClose: () => void }) {
  const { onDone, onClose } = props
  const [code, setCode] = useState('')
  const renew = useMutation({
    mutationFn: () => answerOf(renewRecoveryCodes({ client, body: { code: sentCode(code) } })),
    onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes),
  })
  return (
    <FormDialog
      title="New recovery codes"
      act="Make new ones"
      isPending={renew.isPending}
      error={renew.error}
      onSubmit={() => renew.mutate()}
      onClose={onClose}
    >
      <Text size="sm">The codes that you have now end.</Text>
      <CodeInput code={code} isRecoveryTaken onChange={setCode} />
    </FormDialog>
  )
}

/** Signing in needs nothing but the password from then on. */
export function RemoveFactorDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [code, setCode] = useState('')
  const remove = useMutation({
    mutationFn: () => answerOf(removeTotp({ client, body: { code: sentCode(code) } })),
    onSuccess: onDone,
  })
  return (
    <FormDialog
      title="Remove the second factor"
      act="Remove it"
      isPending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <Text size="sm">
        Your password alone will sign you in. A workspace that asks for a second factor opens again only after
        you set one up.
      </Text>
      <CodeInput code={code} isRecoveryTaken onChange={setCode} />
    </FormDialog>
  )
}
