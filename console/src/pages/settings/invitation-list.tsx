import { Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { revokeInvitation } from '@tributary/sdk'
import type { Invitation } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { IconAct } from '../../parts/icon-act.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { invitationsQuery } from './access-queries.ts'

/** Invitations that were neither accepted nor taken back yet. */
export function InvitationList() {
  const query = useQuery(invitationsQuery)
  const [asked, setAsked] = useState<Invitation>()
  return (
    <QueryState query={query} lines={2}>
      {({ items }) => (
        <>
          {items.length === 0 ? (
            <Text size="sm">Nobody is invited.</Text>
          ) : (
            <DataTable
              label="Open invitations"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                { head: 'E-mail', cell: ({ email }) => email },
                { head: 'Rank', cell: ({ role }) => role },
                { head: 'Role', cell: ({ role, workspaceRole }) => (role === 'member' ? workspaceRole : '') },
                { head: 'Invited by', cell: ({ invitedBy }) => invitedBy },
                { head: 'Ends', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
                {
                  head: 'Acts',
                  align: 'right',
                  cell: (one) => (
                    <IconAct label={`Take back ${one.email}`} icon={IconX} onClick={() => setAsked(one)} />
                  ),
                },
              ]}
            />
          )}
          {asked && <RevokeDialog invitation={asked} onClose={() => setAsked(undefined)} />}
        </>
      )}
    </QueryState>
  )
}

function RevokeDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const queryClient = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => answerOf(revokeInvitation({ client, path: { invitationId: invitation.id } })),
    onSuccess: () => {
      onClose()
      return queryClient.invalidateQueries({ queryKey: invitationsQuery.queryKey })
    },
  })
  return (
    <ConfirmDialog
      title="Take the invitation back"
      act="Take it back"
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      The link that went to {invitation.email} opens nothing any more.
    </ConfirmDialog>
  )
}
