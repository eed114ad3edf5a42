import { listInvitations, listKeys, listRoles, listUsers } from '@tributary/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'

/** Users whom one may see: owners all of the installation, admins those of their workspaces. */
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => answerOf(listUsers({ client, signal })),
})

/** Invitations that may still be accepted. */
export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => answerOf(listInvitations({ client, signal })),
})

/** Roles of members in the workspace that is open. */
export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: ({ signal }) => answerOf(listRoles({ client, signal })),
})

/** Keys of the workspace that is open, without their secrets. */
export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => answerOf(listKeys({ client, signal })),
})
