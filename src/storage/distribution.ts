/**
 * How a table lies on many machines, once one is too small (Citus). `profile`: cut by profile_id, joined in place.
 * `key`: cut by its own key, which is looked up alone. `reference`: whole on every machine. `local`: on the first
 * machine only, because it is small or never read by a request.
 */
export type Distribution =
  { by: 'profile' } | { by: 'key'; column: string } | { by: 'reference' } | { by: 'local' }

/** Every table and its class; a test holds the list to the database. */
export const DISTRIBUTION = {
  profile: { by: 'profile' },
  profile_activity: { by: 'profile' },
  profile_search: { by: 'profile' },
  profile_change: { by: 'profile' },
  consent: { by: 'profile' },
  tag_assignment: { by: 'profile' },
  note: { by: 'profile' },
  device: { by: 'profile' },
  company: { by: 'profile' },
  company_relation: { by: 'profile' },
  event: { by: 'profile' },
  transaction: { by: 'profile' },
  identifier: { by: 'key', column: 'value' },
  dedupe: { by: 'key', column: 'key_hash' },
  idempotency: { by: 'key', column: 'key_hash' },
  rejection: { by: 'key', column: 'rejection_id' },
  profile_merge: { by: 'reference' },
  attribute_definition: { by: 'reference' },
  attribute_seen: { by: 'reference' },
  event_catalog: { by: 'reference' },
  tag: { by: 'reference' },
  tag_count: { by: 'local' },
  workspace: { by: 'local' },
  api_key: { by: 'local' },
  domain_key: { by: 'local' },
  signing_key: { by: 'local' },
  workspace_secret: { by: 'local' },
  session: { by: 'local' },
  account: { by: 'local' },
  account_identity: { by: 'local' },
  attempt: { by: 'local' },
  user_account: { by: 'local' },
  user_workspace: { by: 'local' },
  message: { by: 'local' },
  message_template: { by: 'local' },
  one_time_code: { by: 'local' },
  workspace_role: { by: 'local' },
  user_totp: { by: 'local' },
  user_recovery_code: { by: 'local' },
  user_device: { by: 'local' },
  user_invitation: { by: 'local' },
  audit_log: { by: 'local' },
  ingest_batch: { by: 'local' },
  follower: { by: 'local' },
  counter: { by: 'local' },
  id_block: { by: 'local' },
  installation: { by: 'local' },
  schema_migration: { by: 'local' },
} as const satisfies Record<string, Distribution>
