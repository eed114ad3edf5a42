import { implemented } from '../operation.ts'
import type { SyneriseOperation } from '../operation.ts'

const NOTES = 'CLIENT_NOTES'

const ALL = '/notes-service/by-id/:clientId'

const ONE = `${ALL}/:noteId`

/** Notes about profiles; users write them. @source reference chapter 3 */
export const NOTE_OPERATIONS: readonly SyneriseOperation[] = [
  implemented('list-notes', `GET ${ALL}`, 'Get all Profile notes', {
    callers: ['U'],
    permission: 'NOTES_SERVICE_ALL_NOTES_READ',
    role: NOTES,
    act: 'read',
  }),
  implemented('create-note', `POST ${ALL}`, 'Create a note', {
    callers: ['U'],
    permission: 'NOTES_SERVICE_NOTE_CREATE',
    role: NOTES,
    act: 'create',
  }),
  implemented('get-note', `GET ${ONE}`, 'Get note', {
    callers: ['U'],
    permission: 'NOTES_SERVICE_NOTE_READ',
    role: NOTES,
    act: 'read',
  }),
  implemented('update-note', `PUT ${ONE}`, 'Update note', {
    callers: ['U'],
    permission: 'NOTES_SERVICE_NOTE_UPDATE',
    role: NOTES,
    act: 'edit',
  }),
  implemented('delete-note', `DELETE ${ONE}`, 'Delete note', {
    callers: ['U'],
    permission: 'NOTES_SERVICE_NOTE_DELETE',
    role: NOTES,
    act: 'delete',
  }),
]
