import type { Provenance } from '../dialect.ts'
import type { SyneriseOperation } from './operation.ts'

/**
 * Whence method and path of an operation are known: `reference` where the reference prints them, `inferred` where nobody does
 * (then {@link INFERRED} has them), else the marks of the public sources that README.md lists.
 */
type Known = string

/** The operations of the vendor's reference, chapter by chapter in its order. */
const CHAPTERS: readonly Readonly<Record<string, Known>>[] = [
  // 1. Authorization
  {
    'refresh-profile': 'hub',
    'login-profile': 'hub',
    'login-profile-conditional': 'code',
    'login-anonymous': 'code',
    'login-user': 'hub woo',
    'verify-user': 'hub woo',
    'select-workspace': 'reference',
    'list-workspaces': 'reference',
    'current-workspace': 'reference',
    'login-workspace': 'hub woo',
  },
  // 2. Profile registration
  {
    'register-profile': 'hub',
    'confirm-registration-pin': 'inferred',
    'resend-registration-pin': 'inferred',
    'activate-account': 'inferred',
    'resend-confirmation': 'inferred',
  },
  // 3. Profile management
  {
    'list-clients': 'reference',
    'create-client': 'php mag woo hub',
    'create-company': 'woo',
    'delete-company': 'reference',
    'merge-by-custom-id': 'reference',
    'merge-by-id': 'reference',
    'batch-clients': 'php mag woo',
    'get-client': 'reference',
    'update-client': 'php mag woo',
    'delete-client': 'reference',
    'update-client-by-email': 'php mag woo',
    'update-client-by-custom-id': 'php mag woo',
    'delete-client-by-custom-id': 'reference',
    'fetch-client': 'reference',
    'create-export-task': 'woo',
    'get-export-data': 'reference',
    'crm-details': 'reference',
    'crm-update': 'woo',
    'crm-list': 'reference',
    'crm-autocomplete': 'reference',
    'crm-update-company': 'woo',
    'crm-mark-company': 'reference',
    'crm-company-details': 'reference',
    'crm-list-companies': 'reference',
    'crm-company-members': 'reference',
    'crm-company-of-profile': 'reference',
    'crm-company-identifier': 'reference',
    'list-local-segmentation': 'reference',
    'list-segmentation': 'reference',
    'create-local-segmentation': 'woo',
    'create-materialization': 'woo',
    'list-materialization': 'reference',
    'crm-last-activity': 'reference',
    'list-notes': 'reference',
    'create-note': 'woo',
    'get-note': 'reference',
    'update-note': 'woo',
    'delete-note': 'reference',
    'logout-client': 'woo',
  },
  // 4. Profile account management
  {
    'own-data': 'reference',
    'update-own-data': 'hub',
    'request-phone-change': 'inferred',
    'confirm-phone-change': 'inferred',
    'request-password-reset': 'inferred',
    'confirm-password-reset': 'inferred',
    'change-password': 'inferred',
    'delete-account': 'inferred',
    'request-email-change': 'inferred',
    'logout-own': 'inferred',
    'confirm-email-change': 'inferred',
    'request-email-change-facebook': 'inferred',
    'delete-account-oauth': 'inferred',
    'delete-account-apple': 'inferred',
    'delete-account-facebook': 'inferred',
    'delete-account-v1': 'inferred',
    'request-email-change-v1': 'hub',
  },
  // 5. Profile devices
  {
    'link-device': 'php mag',
    'link-device-by-identifier': 'php mag',
    'link-own-device': 'hub',
  },
  // 6. Profile tags
  {
    'list-tags': 'reference',
    'create-tag': 'mag',
    'update-tag': 'inferred',
    'remove-tag': 'reference',
    'list-client-tags': 'reference',
    'assign-tag': 'reference',
    'unassign-tag': 'reference',
  },
  // 7. Events
  {
    'create-transaction': 'php mag woo hub',
    'batch-transactions': 'php mag woo',
    'list-client-events': 'reference',
    'list-own-events': 'reference',
    'application-started-event': 'php mag woo',
    'registered-event': 'php mag woo',
    'logged-in-event': 'php mag woo',
    'logged-out-event': 'php mag woo',
    'added-to-cart-event': 'php mag woo',
    'removed-from-cart-event': 'php mag woo',
    'added-to-favorites-event': 'php mag woo',
    'product-view-event': 'php mag woo',
    'assigned-to-company-event': 'php woo',
    'appeared-in-location-event': 'php woo',
    'push-received-event': 'php woo',
    'push-viewed-event': 'php woo',
    'push-clicked-event': 'php woo',
    'push-cancelled-event': 'php woo',
    'cancelled-transaction-event': 'php mag woo',
    'hit-timer-event': 'php woo',
    'searched-event': 'php mag woo',
    'shared-event': 'php mag woo',
    'recommendation-seen-event': 'woo mag',
    'recommendation-click-event': 'woo',
    'visited-screen-event': 'php mag woo',
    'custom-event': 'php mag woo',
    'batch-events': 'php mag woo',
    'server-time': 'reference',
    'recommendation-view-event': 'inferred',
    'item-search-click-event': 'php',
  },
]

/** Older spellings and what official clients call though the reference does not list it. @source reference 0.19, real-clients 10 */
const BEYOND: Readonly<Record<string, Known>> = {
  'refresh-profile-v2': 'woo',
  'login-profile-v2': 'woo',
  'login-profile-conditional-v2': 'woo',
  'login-anonymous-v2': 'woo code',
  'login-workspace-v1': 'mag php code',
  'login-workspace-v4': 'mag php code',
  'refresh-workspace': 'mag php code',
  'refresh-workspace-v4': 'mag php code',
  'check-permissions': 'php',
  'create-client-instantly': 'php',
  'import-clients': 'php',
  'list-all-events': 'code',
  'completed-transaction-event': 'code',
  'get-or-create-tracker': 'php',
}

const REFERENCE = CHAPTERS.flatMap((chapter) => Object.entries(chapter))

/**
 * Ids of the operations of the reference, in its order: the number of each is its place, from 1.
 * @source the vendor's reference, April 2024: 111 operations
 */
export const REFERENCE_IDS: readonly string[] = REFERENCE.map(([id]) => id)

const ORIGINS = new Map<string, Pick<SyneriseOperation, 'number' | 'provenance' | 'sources'>>([
  ...REFERENCE.map(([id, known], index) => [id, { number: index + 1, ...originOf(known) }] as const),
  ...Object.entries(BEYOND).map(([id, known]) => {
    return [id, { provenance: 'beyond the reference', sources: known.split(' ') }] as const
  }),
])

function originOf(known: Known): { provenance: Provenance; sources?: string[] } {
  if (known === 'reference' || known === 'inferred') return { provenance: known }
  return { provenance: 'public source', sources: known.split(' ') }
}

/** The operation with its number in the reference, and with where its method and path are known from. */
export function withOrigin(operation: SyneriseOperation): SyneriseOperation {
  return { ...operation, ...ORIGINS.get(operation.id) }
}
