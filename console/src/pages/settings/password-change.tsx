import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { changePassword } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf, complaintAt } from '../../api/problem.ts'
import { useSession } from '../../api/session.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'

interface Values {
  currentPassword: string
  newPassword: string
  again: string
}

/** Another password; all other logins of this user end. */
export function PasswordChange() {
  const { user } = useSession()
  const form = useForm<Values>({
    initialValues: { currentPassword: '', newPassword: '', again: '' },
    validate: {
      again: (again, { newPassword }) => (again === newPassword ? null : 'This is not the same.'),
    },
  })
  const change = useChange(() => form.reset())
  const isNew = { autoComplete: 'new-password', required: true }
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack gap="sm">
        {/* Password managers save under it. */}
        <input type="hidden" autoComplete="username" value={user.email} readOnly />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          {...form.getInputProps('currentPassword')}
        />
        <PasswordInput
          label="New password"
          description="At least 12 characters: a sentence of a few words is easy to keep."
          minLength={12}
          {...isNew}
          {...form.getInputProps('newPassword')}
          error={complaintAt(change.error, '/newPassword')}
        />
        <PasswordInput label="New password, again" {...isNew} {...form.getInputProps('again')} />
        {change.error && <ProblemAlert error={change.error} />}
        <Group>
          <Button type="submit" loading={change.isPending}>
            Change the password
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function useChange(onDone: () => void) {
  return useMutation({
    mutationFn: ({ currentPassword, newPassword }: Values) =>
      answerOf(changePassword({ client, body: { currentPassword, newPassword } })),
    onSuccess: () => {
      onDone()
      notifyDone('The password is changed. You are signed out everywhere else.')
    },
  })
}
