import { ACCOUNT_OPERATIONS, LOGIN_OPERATIONS, REGISTRATION_OPERATIONS } from './accounts/operations.ts'
import { AUTHORIZATION_OPERATIONS } from './authorization/operations.ts'
import { CLIENT_LOGOUT_OPERATIONS, CLIENT_OPERATIONS } from './clients/operations.ts'
import { CRM_OPERATIONS } from './crm/operations.ts'
import { DEVICE_OPERATIONS } from './devices/operations.ts'
import { EVENT_OPERATIONS } from './events/operations.ts'
import { NOTE_OPERATIONS } from './notes/operations.ts'
import type { SyneriseOperation } from './operation.ts'
import { withOrigin } from './reference.ts'
import { SEGMENT_OPERATIONS } from './segments/operations.ts'
import { TAG_OPERATIONS } from './tags/operations.ts'
import { TRACKER_OPERATIONS } from './trackers/operations.ts'
import { TRANSACTION_OPERATIONS } from './transactions/operations.ts'

export type { CallerKind, SyneriseOperation } from './operation.ts'

/** Spellings of one identifier in paths; all are taken everywhere. @source reference 0.19, real-clients 4 */
export const CUSTOM_ID_SPELLINGS = ['by-custom-id', 'by-customid', 'by-customId'] as const

/** Every operation, chapter by chapter as in the reference. */
export const OPERATIONS: readonly SyneriseOperation[] = [
  ...LOGIN_OPERATIONS,
  ...AUTHORIZATION_OPERATIONS,
  ...REGISTRATION_OPERATIONS,
  ...CLIENT_OPERATIONS,
  ...SEGMENT_OPERATIONS,
  ...CRM_OPERATIONS,
  ...NOTE_OPERATIONS,
  ...CLIENT_LOGOUT_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...DEVICE_OPERATIONS,
  ...TAG_OPERATIONS,
  ...TRANSACTION_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...TRACKER_OPERATIONS,
].map(withOrigin)

/** The operation with this id. @throws when the table has none: a route without an entry is a defect */
export function operation(id: string): SyneriseOperation {
  const found = OPERATIONS.find((candidate) => candidate.id === id)
  if (!found) throw new Error(`no operation ${id}`)
  return found
}
