import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { logIn } from '@tributary/sdk'
import type { Login } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'

/** E-mail and password. */
export function PasswordForm({ onDone }: { onDone: (login: Login) => void }) {
  const form = useForm({ initialValues: { email: '', password: '' } })
  const login = useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      answerOf(logIn({ client, body: { ...body, cookie: true } })),
    onSuccess: onDone,
  })
  return (
    <form onSubmit={form.onSubmit((values) => login.mutate(values))}>
      <Stack gap="md">
        {login.error && <ProblemAlert error={login.error} />}
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          autoFocus
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={login.isPending} fullWidth>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}
