import type { Operation } from '../dialect.ts'

const operation = (id: string, method: Operation['method'], path: string, title: string): Operation => ({
  id,
  method,
  path: `/api/v1${path}`,
  title,
})

const read = (id: string, path: string, title: string): Operation => operation(id, 'GET', path, title)

const WORKSPACE_OPERATIONS: readonly Operation[] = [
  read('list-workspaces', '/workspaces', 'List the workspaces that the credential opens'),
  operation('create-workspace', 'POST', '/workspaces', 'Make a workspace, with a first key for it'),
  read('get-workspace', '/workspaces/:guid', 'Read a workspace and its settings'),
  operation('patch-workspace', 'PATCH', '/workspaces/:guid', 'Rename or configure a workspace'),
  operation(
    'archive-workspace',
    'DELETE',
    '/workspaces/:guid',
    'Archive a workspace: its data stays, its credentials open nothing',
  ),
]

const MESSAGE_OPERATIONS: readonly Operation[] = [
  read('list-messages', '/outbox', 'List the messages to people, newest first'),
  read('get-message', '/outbox/:messageId', 'Read a message and what became of it'),
  operation('retry-message', 'POST', '/outbox/:messageId/retry', 'Send a message again that is not out'),
  operation('send-test-message', 'POST', '/messages/test', 'Send a test message to an address'),
  read('list-message-templates', '/message-templates', 'List what every message says'),
  read('get-message-template', '/message-templates/:name', 'Read what a message says'),
  operation('put-message-template', 'PUT', '/message-templates/:name', 'Say a message in own words'),
  operation(
    'delete-message-template',
    'DELETE',
    '/message-templates/:name',
    'Say a message in the built-in words again',
  ),
  operation(
    'preview-message-template',
    'POST',
    '/message-templates/:name/preview',
    'Show what a message, or a draft of it, would say',
  ),
]

const NOTE_OPERATIONS: readonly Operation[] = [
  read('list-notes', '/profiles/:profileId/notes', "List a profile's notes, newest first"),
  operation('create-note', 'POST', '/profiles/:profileId/notes', 'Write a note about a profile'),
  operation('put-note', 'PUT', '/profiles/:profileId/notes/:noteId', 'Replace what a note says'),
  operation('delete-note', 'DELETE', '/profiles/:profileId/notes/:noteId', 'Delete a note for ever'),
]

const IMPORT_OPERATIONS: readonly Operation[] = [
  operation('create-import', 'POST', '/imports', 'Bring a file of rows, to be stored behind the answer'),
  read('list-imports', '/imports', 'List imports, newest first'),
  read('get-import', '/imports/:importId', 'How far an import is, and the first rows that it refused'),
  read('list-import-refusals', '/imports/:importId/refusals', 'Fetch every refused row as a file'),
  operation('pause-import', 'POST', '/imports/:importId/pause', 'Pause an import'),
  operation(
    'resume-import',
    'POST',
    '/imports/:importId/resume',
    'Go on with an import that is paused or failed',
  ),
  operation('cancel-import', 'POST', '/imports/:importId/cancel', 'End an import; what is stored stays'),
]

const EXPORT_OPERATIONS: readonly Operation[] = [
  operation(
    'create-export',
    'POST',
    '/exports',
    'Ask for a file of profiles or events, to be written behind the answer',
  ),
  read('list-exports', '/exports', 'List exports, newest first'),
  read('get-export', '/exports/:exportId', 'How far an export is, and a link to its file once it is ready'),
  {
    ...operation(
      'cancel-export',
      'POST',
      '/exports/:exportId/cancel',
      'End an export that is not written yet',
    ),
    succeedsWith: 200,
  },
  operation('delete-export', 'DELETE', '/exports/:exportId', 'Forget an export with its file'),
  {
    ...read(
      'download-export',
      '/exports/:exportId/download',
      'Fetch the file of an export, or a range of it, by a signed link',
    ),
    open: true,
  },
]

const TAG_OPERATIONS: readonly Operation[] = [
  read('list-tags', '/tags', 'List the tags, and how many profiles have each'),
  operation('create-tag', 'POST', '/tags', 'Make a tag'),
  operation('patch-tag', 'PATCH', '/tags/:tagId', 'Give a tag another colour'),
  operation('delete-tag', 'DELETE', '/tags/:tagId', 'Remove a tag, from all profiles too'),
  operation('assign-tag', 'PUT', '/profiles/:profileId/tags/:tagId', 'Put a tag on a profile'),
  operation('unassign-tag', 'DELETE', '/profiles/:profileId/tags/:tagId', 'Take a tag off a profile'),
]

const SEGMENT_OPERATIONS: readonly Operation[] = [
  read('list-segments', '/segments', 'List the segments, newest first'),
  operation('create-segment', 'POST', '/segments', 'Make a segment'),
  read('get-segment', '/segments/:segmentId', 'Read a segment'),
  operation('put-segment', 'PUT', '/segments/:segmentId', 'Replace the name and the definition of a segment'),
  operation('delete-segment', 'DELETE', '/segments/:segmentId', 'Delete a segment'),
  operation('preview-segment', 'POST', '/segments/preview', 'Count who would belong to a segment'),
  read('list-members', '/segments/:segmentId/members', 'List who belongs to a segment'),
  read('list-segment-sizes', '/segments/:segmentId/sizes', 'List how large a segment was, newest first'),
  operation(
    'recompute-segment',
    'POST',
    '/segments/:segmentId/recompute',
    'Look anew at all profiles for a segment',
  ),
  read(
    'list-profile-segments',
    '/profiles/:profileId/segments',
    'List the segments that a profile belongs to',
  ),
]

const COMPUTED_OPERATIONS: readonly Operation[] = [
  read('list-aggregates', '/aggregates', 'List the aggregates, newest first'),
  operation('create-aggregate', 'POST', '/aggregates', 'Define an aggregate'),
  read('get-aggregate', '/aggregates/:aggregateId', 'Read the definition of an aggregate'),
  operation(
    'put-aggregate',
    'PUT',
    '/aggregates/:aggregateId',
    'Replace name and definition of an aggregate',
  ),
  operation(
    'delete-aggregate',
    'DELETE',
    '/aggregates/:aggregateId',
    'Delete an aggregate that nothing refers to',
  ),
  operation(
    'preview-aggregate',
    'POST',
    '/aggregates/preview',
    'Compute a draft of an aggregate for a profile',
  ),
  read('list-expressions', '/expressions', 'List the expressions, newest first'),
  operation('create-expression', 'POST', '/expressions', 'Define an expression'),
  read('get-expression', '/expressions/:expressionId', 'Read the definition of an expression'),
  operation(
    'put-expression',
    'PUT',
    '/expressions/:expressionId',
    'Replace name and definition of an expression',
  ),
  operation(
    'delete-expression',
    'DELETE',
    '/expressions/:expressionId',
    'Delete an expression that nothing refers to',
  ),
  operation(
    'preview-expression',
    'POST',
    '/expressions/preview',
    'Compute a draft of an expression for a profile',
  ),
  read('list-computed', '/profiles/:profileId/computed', 'Compute aggregates and expressions for a profile'),
]

const PRIVACY_OPERATIONS: readonly Operation[] = [
  read('get-report', '/profiles/:profileId/report', 'Read everything that is held of a person'),
  operation(
    'preview-retention',
    'POST',
    '/retention/preview',
    'Count what the settings, or others, would forget',
  ),
  read('list-erasures', '/erasures', 'List the receipts of erasures, newest first'),
  read('get-erasure', '/erasures/:erasureId', 'Read the receipt of an erasure'),
  operation(
    'remove-tombstone',
    'DELETE',
    '/erasures/:erasureId/tombstone',
    'Let the identifiers of an erased person be written again',
  ),
]

const write = (id: string, path: string, title: string): Operation => operation(id, 'POST', path, title)

const AUTH_OPERATIONS: readonly Operation[] = [
  { ...read('get-login-options', '/auth/options', 'How users may log in'), open: true },
  { ...write('log-in', '/auth/login', 'Log a user in'), open: true },
  { ...write('log-in-by-google', '/auth/google', 'Log a user in by a token of Google'), open: true },
  write('confirm-login', '/auth/mfa', 'Confirm a login by a second factor'),
  write('select-workspace', '/auth/workspace', 'Enter a workspace'),
  write('log-out', '/auth/logout', 'Log out'),
  read('get-session', '/auth/session', 'Who is logged in, and where that one may work'),
  write('enrol-totp', '/auth/totp', 'Set up one-time codes'),
  write('confirm-totp', '/auth/totp/confirm', 'End the set-up by a first code; gives recovery codes'),
  write('remove-totp', '/auth/totp/remove', 'Take the second factor away'),
  write('renew-recovery-codes', '/auth/recovery-codes', 'Replace the recovery codes'),
  write('change-password', '/auth/password', "Change one's password; ends all other sessions"),
]

const USER_OPERATIONS: readonly Operation[] = [
  read('list-users', '/users', 'List the people who operate the installation'),
  write('create-user', '/users', 'Make a user'),
  operation(
    'patch-user',
    'PATCH',
    '/users/:userId',
    "Change a user's role and workspaces, disable or enable it",
  ),
  operation('disable-user', 'DELETE', '/users/:userId', 'Disable a user and end its sessions'),
  write('reset-mfa', '/users/:userId/reset-mfa', "Take a user's second factor away"),
  read('list-invitations', '/invitations', 'List the invitations that may still be accepted'),
  write('create-invitation', '/invitations', 'Invite somebody; the token is shown once'),
  { ...write('accept-invitation', '/invitations/accept', 'Become a user by an invitation'), open: true },
  operation('revoke-invitation', 'DELETE', '/invitations/:invitationId', 'Take an invitation back'),
  read('list-roles', '/roles', 'List the roles of members in the workspace'),
  operation('put-role', 'PUT', '/roles/:name', 'Make or change a role'),
  operation('delete-role', 'DELETE', '/roles/:name', 'Delete a role that nobody has'),
  read('list-keys', '/keys', 'List the API keys of the workspace, without their secrets'),
  write('create-key', '/keys', 'Make an API key; its secret is shown once'),
  operation('revoke-key', 'DELETE', '/keys/:keyId', 'End an API key'),
  write('end-tokens', '/keys/:keyId/end-tokens', 'End the access tokens that an API key bought'),
  write('rotate-key', '/keys/:keyId/rotate', 'End an API key and make one like it'),
  read('list-secrets', '/secrets', 'List the names of the secrets that identity providers gave'),
  operation('put-secret', 'PUT', '/secrets/:name', 'Keep the secret of an identity provider, sealed'),
  operation('delete-secret', 'DELETE', '/secrets/:name', 'Forget the secret of an identity provider'),
  read('list-audit', '/audit', 'List administrative acts, newest first'),
]

/** Every operation of the native API. */
export const NATIVE_OPERATIONS: readonly Operation[] = [
  operation('write-profiles', 'POST', '/profiles', 'Create or update up to 1,000 profiles'),
  operation('create-events', 'POST', '/events', 'Store up to 1,000 events'),
  read('list-profiles', '/profiles', 'Search, filter and sort profiles'),
  read('lookup-profile', '/profiles/lookup', 'Find a profile by one of its identifiers'),
  read('get-profile', '/profiles/:profileId', 'Read a profile'),
  operation(
    'patch-profile',
    'PATCH',
    '/profiles/:profileId',
    'Change a profile, if it was not changed since',
  ),
  operation(
    'delete-profile',
    'DELETE',
    '/profiles/:profileId',
    'Delete a profile and all that belongs to it, or erase the person everywhere',
  ),
  operation(
    'merge-profiles',
    'POST',
    '/profiles/merge',
    'Merge two profiles, or show what would become of it',
  ),
  read('list-merges', '/profiles/:profileId/merges', 'List who was merged into a profile, newest first'),
  operation('unmerge-profile', 'POST', '/profiles/:profileId/unmerge', 'Take a merge back'),
  read('get-company', '/profiles/:profileId/company', 'The company that a person belongs to'),
  operation(
    'leave-company',
    'DELETE',
    '/profiles/:profileId/company',
    'End that a person belongs to a company',
  ),
  read('list-changes', '/profiles/:profileId/changes', 'List what changed a profile, newest first'),
  read('list-events', '/profiles/:profileId/events', "List a profile's events, newest first"),
  read('list-transactions', '/profiles/:profileId/transactions', "List a profile's purchases, newest first"),
  read('list-devices', '/profiles/:profileId/devices', "List a profile's devices, the last linked first"),
  ...NOTE_OPERATIONS,
  ...TAG_OPERATIONS,
  ...IMPORT_OPERATIONS,
  ...EXPORT_OPERATIONS,
  ...SEGMENT_OPERATIONS,
  ...COMPUTED_OPERATIONS,
  ...PRIVACY_OPERATIONS,
  read('aggregate-events', '/events/aggregate', 'Count, sum, average, minimum or maximum over events'),
  read('list-event-names', '/events/names', 'List every name of events that was seen, with counts'),
  read('list-attributes', '/attributes', 'List every attribute and event property that was seen'),
  read('get-stats', '/stats', 'Totals of the workspace'),
  read('get-history', '/stats/history', 'What came in over time: events, writes, refusals and latency'),
  read('get-storage', '/storage', 'What the installation takes on disk, by table'),
  read('list-rejections', '/rejections', 'List what was refused, dropped or ignored'),
  operation(
    'replay-rejection',
    'POST',
    '/rejections/:rejectionId/replay',
    'Send a refused item again, as it was or corrected',
  ),
  read('stream', '/stream', 'Watch what comes in and what is refused, as server-sent events'),
  operation('create-session', 'POST', '/session', 'Give a browser a cookie in place of the key'),
  { ...operation('delete-session', 'DELETE', '/session', "Take a browser's cookie back"), open: true },
  ...WORKSPACE_OPERATIONS,
  ...MESSAGE_OPERATIONS,
  ...AUTH_OPERATIONS,
  ...USER_OPERATIONS,
]
