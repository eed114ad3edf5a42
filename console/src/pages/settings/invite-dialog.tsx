import { Autocomplete, TextInput } from '@mantine/core'
import { createInvitation } from '@tributary/sdk'
import type { CreateInvitationData } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { useWorkspace } from '../../api/session.ts'
import { CopyText } from '../../parts/copy-text.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { invitationsQuery, rolesQuery } from './access-queries.ts'
import { invitationLink } from './invitation-link.ts'
import { READER } from './places.ts'
import type { Place } from './places.ts'
import { PlacesInput } from './places-input.tsx'
import { RankInput } from './rank-input.tsx'
import type { Rank } from './ranks.ts'

/** Asks somebody to become a user: a mail goes out, and the link in it is shown once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { guid } = useWorkspace()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Rank>('member')
  const [workspaceRole, setWorkspaceRole] = useState<string>(READER)
  const [places, setPlaces] = useState<readonly Place[]>([{ guid, role: READER }])
  const invite = useInvite()
  if (invite.data) return <Invited {...invite.data} onClose={onClose} />
  const submit = (): void =>
    invite.mutate({
      email: email.trim(),
      role,
      workspaces: places.map((place) => place.guid),
      ...(role === 'member' && { workspaceRole }),
    })
  return (
    <FormDialog
      title="Invite somebody"
      act="Invite"
      size="lg"
      isPending={invite.isPending}
      error={invite.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label="E-mail"
        type="email"
        required
        data-autofocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <RankInput rank={role} onChange={setRole} />
      <PlacesInput places={places} withRoles={false} onChange={setPlaces} />
      {role === 'member' && <RoleInput role={workspaceRole} onChange={setWorkspaceRole} />}
    </FormDialog>
  )
}

function RoleInput({ role, onChange }: { role: string; onChange: (role: string) => void }) {
  const { data } = useQuery(rolesQuery)
  return (
    <Autocomplete
      label="Role in each of them"
      required
      data={(data?.items ?? []).map(({ name }) => name)}
      value={role}
      onChange={onChange}
    />
  )
}

function Invited({ email, token, onClose }: { email: string; token: string; onClose: () => void }) {
  return (
    <ShownOnce
      title="Invited"
      text={`A mail to ${email} is on its way; without a mail server it waits in the outbox. You can also hand the link over yourself: it is shown only now.`}
      onClose={onClose}
    >
      <CopyText block text={invitationLink(window.location.origin, token)} label="the link" />
    </ShownOnce>
  )
}

function useInvite() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: CreateInvitationData['body']) => answerOf(createInvitation({ client, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  })
}
