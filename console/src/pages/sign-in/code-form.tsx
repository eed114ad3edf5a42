import { Button, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { confirmLogin } from '@tributary/sdk'
import type { Login } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'

/** The second factor. */
export function CodeForm({ onDone }: { onDone: (login: Login) => void }) {
  const form = useForm({ initialValues: { code: '' } })
  const confirm = useMutation({
    mutationFn: ({ code }: { code: string }) =>
      answerOf(confirmLogin({ client, body: { code: code.replaceAll(/\s/g, '') } })),
    onSuccess: onDone,
  })
  return (
    <form onSubmit={form.onSubmit((values) => confirm.mutate(values))}>
      <Stack gap="md">
        {confirm.error && <ProblemAlert error={confirm.error} />}
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          required
          autoFocus
          {...form.getInputProps('code')}
        />
        <Button type="submit" loading={confirm.isPending} fullWidth>
          Continue
        </Button>
      </Stack>
    </form>
  )
}
