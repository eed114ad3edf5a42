import { PasswordInput, TextInput } from '@mantine/core'
import { createUser, patchUser } from '@tributary/sdk'
import type { User } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf, complaintAt } from '../../api/problem.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { usersQuery } from './access-queries.ts'
import { PlacesInput } from './places-input.tsx'
import { placesOf } from './places.ts'
import type { Place } from './places.ts'
import { RankInput } from './rank-input.tsx'
import type { Rank } from './ranks.ts'

/** Makes a user, or changes what one is and where. */
export function UserDialog({ user, onClose }: { user: User | undefined; onClose: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Rank>((user?.role as Rank | undefined) ?? 'member')
  const [workspaces, setWorkspaces] = useState<readonly Place[]>(placesOf(user))
  const save = useSave(user, onClose)
  const submit = (): void => save.mutate({ email: email.trim(), password, role, workspaces: [...workspaces] })
  return (
    <FormDialog
      title={user ? user.email : 'Create a user'}
      act={user ? 'Save' : 'Create the user'}
      size="lg"
      isPending={save.isPending}
      error={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {!user && (
        <>
          <TextInput
            label="E-mail"
            type="email"
            required
            data-autofocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="First password"
            description="At least 12 characters. Tell it the user by another way than mail, to be changed at once."
            autoComplete="new-password"
            required
            value={password}
            error={complaintAt(save.error, '/password')}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </>
      )}
      <RankInput rank={role} onChange={setRole} />
      <PlacesInput places={workspaces} withRoles={role === 'member'} onChange={setWorkspaces} />
    </FormDialog>
  )
}

interface Draft {
  email: string
  password: string
  role: Rank
  workspaces: Place[]
}

function useSave(user: User | undefined, onClose: () => void) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ email, password, role, workspaces }: Draft) =>
      user
        ? answerOf(patchUser({ client, path: { userId: String(user.id) }, body: { role, workspaces } }))
        : answerOf(createUser({ client, body: { email, password, role, workspaces } })),
    onSuccess: ({ email }) => {
      notifyDone(user ? 'Saved.' : `${email} can sign in now.`)
      onClose()
      return queryClient.invalidateQueries({ queryKey: usersQuery.queryKey })
    },
  })
}
