import { implemented, inferred } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

/**
 * Who may do what to definitions. One permission of a key is for all three.
 * @assumed a user's role must permit the act itself: who may make tags may not thereby remove them
 */
const definition = (act: 'create' | 'edit' | 'delete') =>
  ({ callers: ['W', 'U'], permission: 'API_TAGS_CREATE', role: 'CLIENT_TAGS', act }) as const

const ASSIGNMENT = {
  callers: ['W', 'U'],
  permission: 'API_ASSIGN_TAGS_EXECUTE',
  role: 'CLIENT_TAGS',
  act: 'execute',
} as const

const ONE = '/v4/clients/:clientId/tags/:tagID'

/** Tags and who has them. @source reference chapter 6 */
export const TAG_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('list-tags', 'GET /v4/clients/tags', 'Get all tags', {
    callers: ['W', 'U'],
    permission: 'API_TAGS_CLIENT_READ',
    role: 'CLIENT_TAGS',
    act: 'read',
  }),
  implemented('create-tag', 'POST /v4/tags', 'Create a tag', definition('create')),
  inferred('update-tag', 'Update a tag', definition('edit')),
  implemented('remove-tag', 'DELETE /v4/tags/:tagID', 'Remove a tag', definition('delete')),
  implemented('list-client-tags', 'GET /v4/clients/:clientId/tags', 'Get profile tags', {
    callers: ['W', 'U'],
    permission: 'API_TAGS_READ',
    role: 'CLIENT_TAGS',
    act: 'read',
  }),
  implemented('assign-tag', `POST ${ONE}`, 'Assign tag to profile', ASSIGNMENT),
  implemented('unassign-tag', `DELETE ${ONE}`, 'Remove tag from profile', ASSIGNMENT),
]
