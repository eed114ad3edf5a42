-- Printed by `node scripts/schema.mjs` from the migrated database; a test holds it to the migrations.

create table access_token (
  token_hash bytea not null,
  workspace_id integer not null,
  api_key_id integer not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint access_token_pkey PRIMARY KEY (token_hash),
  constraint access_token_token_hash_check CHECK ((length(token_hash) = 32))
);

CREATE INDEX access_token_expiry ON access_token USING btree (expires_at);

CREATE INDEX access_token_key ON access_token USING btree (workspace_id, api_key_id);

create table account (
  workspace_id integer not null,
  account_id uuid not null,
  profile_id bigint not null,
  email text collate "C",
  custom_id text collate "C",
  password_hash text collate "C",
  state text collate "C" not null,
  email_verified_at timestamp with time zone,
  device_id text collate "C",
  created_at timestamp with time zone not null,
  password_changed_at timestamp with time zone,
  deleted_at timestamp with time zone,
  email_is_name boolean not null default true,
  constraint account_pkey PRIMARY KEY (workspace_id, account_id),
  constraint account_state_check CHECK ((state = ANY (ARRAY['active'::text, 'unconfirmed'::text, 'inactive'::text, 'awaiting_pin'::text, 'deleted'::text])))
);

CREATE UNIQUE INDEX account_custom_id ON account USING btree (workspace_id, custom_id) WHERE ((deleted_at IS NULL) AND (custom_id IS NOT NULL));

CREATE UNIQUE INDEX account_email ON account USING btree (workspace_id, email) WHERE ((deleted_at IS NULL) AND (email IS NOT NULL) AND email_is_name);

CREATE INDEX account_profile ON account USING btree (workspace_id, profile_id);

create table account_identity (
  workspace_id integer not null,
  provider text collate "C" not null,
  subject text collate "C" not null,
  account_id uuid not null,
  constraint account_identity_pkey PRIMARY KEY (workspace_id, provider, subject)
);

CREATE INDEX account_identity_account ON account_identity USING btree (workspace_id, account_id);

create table api_key (
  workspace_id integer not null,
  api_key_id integer not null,
  scope text collate "C" not null,
  secret_hash bytea not null,
  prefix text collate "C" not null,
  permissions text[] not null,
  managed_by text collate "C" not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_key_pkey PRIMARY KEY (workspace_id, api_key_id),
  constraint api_key_managed_by_check CHECK ((managed_by = ANY (ARRAY['config'::text, 'start'::text, 'api'::text]))),
  constraint api_key_secret_hash_check CHECK ((length(secret_hash) = 32))
);

CREATE UNIQUE INDEX api_key_secret ON api_key USING btree (secret_hash) WHERE (revoked_at IS NULL);

create table attempt (
  key_hash bytea not null,
  failures integer not null,
  blocked_until timestamp with time zone not null,
  failed_at timestamp with time zone not null,
  constraint attempt_pkey PRIMARY KEY (key_hash)
);

CREATE INDEX attempt_age ON attempt USING btree (failed_at);

create table attribute_definition (
  workspace_id integer not null,
  dialect text collate "C" not null,
  target text collate "C" not null,
  event_name text collate "C" not null,
  attribute text collate "C" not null,
  type text collate "C" not null,
  first_seen_at timestamp with time zone not null,
  constraint attribute_definition_pkey PRIMARY KEY (workspace_id, dialect, target, event_name, attribute),
  constraint attribute_definition_target_check CHECK ((target = ANY (ARRAY['profile'::text, 'event'::text])))
);

create table attribute_seen (
  workspace_id integer not null,
  target text collate "C" not null,
  event_name text collate "C" not null,
  attribute text collate "C" not null,
  type text collate "C" not null,
  dialect text collate "C" not null,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  constraint attribute_seen_pkey PRIMARY KEY (workspace_id, target, event_name, attribute, type, dialect),
  constraint attribute_seen_target_check CHECK ((target = ANY (ARRAY['profile'::text, 'event'::text])))
);

create table audit_log (
  audit_id uuid not null,
  at timestamp with time zone not null,
  workspace_id integer,
  actor_kind text collate "C" not null,
  actor text collate "C" not null,
  action text collate "C" not null,
  object text collate "C" not null,
  detail jsonb not null,
  address text collate "C",
  trace_id text collate "C",
  constraint audit_log_pkey PRIMARY KEY (audit_id),
  constraint audit_log_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'key'::text, 'cli'::text, 'config'::text])))
);

CREATE INDEX audit_log_time ON audit_log USING btree (at, audit_id);

CREATE INDEX audit_log_workspace ON audit_log USING btree (workspace_id, at, audit_id);

create table company (
  workspace_id integer not null,
  profile_id bigint not null,
  marked_at timestamp with time zone not null,
  constraint company_pkey PRIMARY KEY (workspace_id, profile_id)
);

create table company_relation (
  workspace_id integer not null,
  profile_id bigint not null,
  company_id bigint not null,
  at timestamp with time zone not null,
  source text collate "C" not null,
  constraint company_relation_pkey PRIMARY KEY (workspace_id, profile_id)
);

CREATE INDEX company_relation_company ON company_relation USING btree (workspace_id, company_id, profile_id);

create table computed (
  workspace_id integer not null,
  computed_id uuid not null,
  kind text collate "C" not null,
  name text collate "C" not null,
  definition jsonb not null,
  version integer not null,
  created_at timestamp with time zone not null,
  created_by text collate "C" not null,
  updated_at timestamp with time zone not null,
  updated_by text collate "C" not null,
  constraint computed_pkey PRIMARY KEY (workspace_id, computed_id)
);

CREATE UNIQUE INDEX computed_name ON computed USING btree (workspace_id, name);

create table consent (
  workspace_id integer not null,
  profile_id bigint not null,
  origin_profile_id bigint not null,
  channel text collate "C" not null,
  state text collate "C" not null,
  at timestamp with time zone not null,
  source text collate "C" not null,
  constraint consent_pkey PRIMARY KEY (workspace_id, profile_id, channel),
  constraint consent_state_check CHECK ((state = ANY (ARRAY['granted'::text, 'denied'::text, 'unknown'::text])))
);

CREATE INDEX consent_at ON consent USING btree (workspace_id, at);

create table counter (
  workspace_id integer not null,
  dialect text collate "C" not null,
  name text collate "C" not null,
  value bigint not null,
  constraint counter_pkey PRIMARY KEY (workspace_id, dialect, name)
);

create table dedupe (
  workspace_id integer not null,
  key_hash bytea not null,
  profile_id bigint not null,
  event_id uuid not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  part_count integer not null default 0,
  constraint dedupe_pkey PRIMARY KEY (workspace_id, key_hash),
  constraint dedupe_key_hash_check CHECK ((length(key_hash) = 16))
);

create table device (
  workspace_id integer not null,
  profile_id bigint not null,
  device_id text collate "C" not null,
  origin_profile_id bigint not null,
  registration_id text not null,
  type text collate "C" not null,
  bluetooth_address text,
  mac_address text,
  manufacturer text,
  model text,
  os_version text,
  product text,
  screen_height integer,
  screen_width integer,
  public_key text,
  linked_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint device_pkey PRIMARY KEY (workspace_id, profile_id, device_id),
  constraint device_type_check CHECK ((type = ANY (ARRAY['android'::text, 'ios'::text, 'windows'::text])))
);

CREATE INDEX device_id ON device USING btree (workspace_id, device_id);

create table domain_key (
  workspace_id integer not null,
  domain text collate "C" not null,
  code text collate "C" not null,
  api_key_id integer not null,
  constraint domain_key_pkey PRIMARY KEY (workspace_id, domain)
);

create table erasure (
  workspace_id integer not null,
  erasure_id uuid not null,
  profile_id bigint not null,
  state text collate "C" not null,
  requested_by text collate "C" not null,
  at timestamp with time zone not null,
  ended_at timestamp with time zone,
  tombstone text collate "C" not null,
  counts jsonb not null,
  person_sealed bytea,
  place text collate "C" not null,
  "position" text collate "C" not null,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null,
  claim uuid,
  claimed_until timestamp with time zone,
  last_error text collate "C",
  constraint erasure_pkey PRIMARY KEY (workspace_id, erasure_id),
  constraint erasure_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text]))),
  constraint erasure_tombstone_check CHECK ((tombstone = ANY (ARRAY['none'::text, 'kept'::text, 'removed'::text])))
);

CREATE INDEX erasure_due ON erasure USING btree (next_attempt_at) WHERE (state = 'running'::text);

create table event (
  workspace_id integer not null,
  profile_id bigint not null,
  event_id uuid not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  origin_profile_id bigint not null,
  name text collate "C" not null,
  source text collate "C" not null,
  properties jsonb not null,
  original_time text,
  constraint event_pkey PRIMARY KEY (workspace_id, profile_id, event_id, occurred_at)
) partition by RANGE (occurred_at);

CREATE INDEX event_name ON ONLY event USING btree (workspace_id, name, occurred_at) INCLUDE (profile_id);

CREATE INDEX event_timeline ON ONLY event USING btree (workspace_id, profile_id, occurred_at DESC);

create table event_catalog (
  workspace_id integer not null,
  name text collate "C" not null,
  dialect text collate "C" not null,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  count bigint not null,
  constraint event_catalog_pkey PRIMARY KEY (workspace_id, name, dialect)
);

create table export (
  workspace_id integer not null,
  export_id bigint not null,
  state text collate "C" not null,
  kind text collate "C" not null,
  format text collate "C" not null,
  is_gzip boolean not null,
  content text not null,
  created_by text not null,
  rows bigint not null default 0,
  bytes bigint not null default 0,
  rows_expected bigint,
  snapshot_at timestamp with time zone,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null,
  claim uuid,
  claimed_until timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  expires_at timestamp with time zone,
  lifetime_ms bigint,
  memo text,
  constraint export_pkey PRIMARY KEY (workspace_id, export_id),
  constraint export_format_check CHECK ((format = ANY (ARRAY['ndjson'::text, 'csv'::text, 'parquet'::text]))),
  constraint export_kind_check CHECK ((kind = ANY (ARRAY['profiles'::text, 'events'::text]))),
  constraint export_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'ready'::text, 'failed'::text, 'cancelled'::text, 'expired'::text])))
);

CREATE INDEX export_due ON export USING btree (next_attempt_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX export_ended ON export USING btree (workspace_id, ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX export_expiry ON export USING btree (expires_at) WHERE (state = 'ready'::text);

create table export_part (
  workspace_id integer not null,
  export_id bigint not null,
  number integer not null,
  byte_offset bigint not null,
  bytes bigint not null,
  first_row bigint not null,
  rows integer not null,
  first_id bigint not null,
  last_id bigint not null,
  profile_ids bigint[] not null,
  constraint export_part_pkey PRIMARY KEY (workspace_id, export_id, number)
);

create table follower (
  name text collate "C" not null,
  "position" xid8 not null,
  constraint follower_pkey PRIMARY KEY (name)
);

create table history (
  workspace_id integer not null,
  at timestamp with time zone not null,
  span_seconds integer not null,
  kind text collate "C" not null,
  dialect text collate "C" not null,
  name text collate "C" not null,
  amount bigint not null,
  constraint history_pkey PRIMARY KEY (workspace_id, at, kind, dialect, name, span_seconds)
);

CREATE INDEX history_age ON history USING btree (span_seconds, at);

create table id_block (
  kind text collate "C" not null,
  next bigint not null,
  constraint id_block_pkey PRIMARY KEY (kind)
);

create table idempotency (
  workspace_id integer not null,
  key_hash bytea not null,
  body_hash bytea not null,
  status smallint not null,
  answer text not null,
  expires_at timestamp with time zone not null,
  sealed_answer bytea,
  constraint idempotency_pkey PRIMARY KEY (workspace_id, key_hash),
  constraint idempotency_body_hash_check CHECK ((length(body_hash) = 32)),
  constraint idempotency_key_hash_check CHECK ((length(key_hash) = 32))
);

CREATE INDEX idempotency_expiry ON idempotency USING btree (expires_at);

create table identifier (
  workspace_id integer not null,
  kind smallint not null,
  value text collate "C" not null,
  profile_id bigint not null,
  source text collate "C" not null,
  first_seen_at timestamp with time zone not null,
  is_primary boolean not null,
  constraint identifier_pkey PRIMARY KEY (workspace_id, kind, value)
);

CREATE INDEX identifier_profile ON identifier USING btree (workspace_id, profile_id);

create table import (
  workspace_id integer not null,
  import_id bigint not null,
  state text collate "C" not null,
  dialect text collate "C" not null,
  operation text collate "C" not null,
  kind text collate "C" not null,
  credential text not null,
  trace_id text not null,
  options text not null,
  is_dry_run boolean not null,
  total integer not null default 0,
  chunks integer not null default 0,
  chunks_done integer not null default 0,
  processed integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  refused integer not null default 0,
  has_payload boolean not null default true,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null,
  claim uuid,
  claimed_until timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint import_pkey PRIMARY KEY (workspace_id, import_id),
  constraint import_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'queued'::text, 'running'::text, 'paused'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

CREATE INDEX import_due ON import USING btree (next_attempt_at) WHERE (state = ANY (ARRAY['receiving'::text, 'queued'::text, 'running'::text]));

CREATE INDEX import_ended ON import USING btree (workspace_id, ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX import_payload ON import USING btree (ended_at) WHERE (has_payload AND (ended_at IS NOT NULL));

create table import_chunk (
  workspace_id integer not null,
  import_id bigint not null,
  number integer not null,
  rows text not null,
  constraint import_chunk_pkey PRIMARY KEY (workspace_id, import_id, number)
);

create table import_refusal (
  workspace_id integer not null,
  import_id bigint not null,
  row_number integer not null,
  code text collate "C" not null,
  detail text not null,
  pointer text not null,
  item text not null,
  constraint import_refusal_pkey PRIMARY KEY (workspace_id, import_id, row_number)
);

create table ingest_batch (
  number bigint not null generated always as identity,
  xid xid8 not null,
  flush_id uuid not null,
  workspace_id integer not null,
  at timestamp with time zone not null,
  profile_ids bigint[] not null,
  last_occurred_at timestamp with time zone[] not null,
  counts jsonb not null,
  items json not null default '{"labels":[],"items":[]}'::json,
  constraint ingest_batch_pkey PRIMARY KEY (number)
);

CREATE INDEX ingest_batch_xid ON ingest_batch USING btree (xid, number);

create table installation (
  singleton boolean not null default true,
  installed_at timestamp with time zone not null,
  constraint installation_pkey PRIMARY KEY (singleton),
  constraint installation_singleton_check CHECK (singleton)
);

create table local_segment (
  workspace_id integer not null,
  segment_id uuid not null,
  name text,
  definition jsonb not null,
  created_at timestamp with time zone not null,
  created_by text collate "C" not null,
  expires_at timestamp with time zone not null,
  constraint local_segment_pkey PRIMARY KEY (workspace_id, segment_id)
);

CREATE INDEX local_segment_expiry ON local_segment USING btree (expires_at);

create table materialization (
  workspace_id integer not null,
  materialization_id bigint not null,
  segment_id uuid not null,
  members bigint not null,
  created_at timestamp with time zone not null,
  created_by text collate "C" not null,
  expires_at timestamp with time zone not null,
  constraint materialization_pkey PRIMARY KEY (workspace_id, materialization_id)
);

CREATE INDEX materialization_expiry ON materialization USING btree (expires_at);

create table materialization_member (
  workspace_id integer not null,
  materialization_id bigint not null,
  profile_id bigint not null,
  "position" bigint not null,
  constraint materialization_member_pkey PRIMARY KEY (workspace_id, profile_id, materialization_id)
);

CREATE INDEX materialization_member_list ON materialization_member USING btree (workspace_id, materialization_id, "position");

create table message (
  workspace_id integer not null,
  message_id uuid not null,
  channel text collate "C" not null,
  template text collate "C" not null,
  recipient text collate "C" not null,
  subject text,
  sealed_body bytea,
  is_secret boolean not null,
  state text collate "C" not null,
  attempts integer not null,
  next_attempt_at timestamp with time zone not null,
  claimed_at timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  constraint message_pkey PRIMARY KEY (workspace_id, message_id),
  constraint message_channel_check CHECK ((channel = ANY (ARRAY['mail'::text, 'sms'::text]))),
  constraint message_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'outbox'::text])))
);

CREATE INDEX message_age ON message USING btree (created_at);

CREATE INDEX message_at ON message USING btree (workspace_id, created_at, message_id);

CREATE INDEX message_due ON message USING btree (channel, next_attempt_at) WHERE (state = 'queued'::text);

CREATE INDEX message_recipient ON message USING btree (workspace_id, lower(recipient));

create table message_template (
  workspace_id integer not null,
  name text collate "C" not null,
  subject text,
  body_text text not null,
  body_html text,
  updated_at timestamp with time zone not null,
  constraint message_template_pkey PRIMARY KEY (workspace_id, name)
);

create table note (
  workspace_id integer not null,
  profile_id bigint not null,
  note_id uuid not null,
  origin_profile_id bigint not null,
  subject text not null,
  body text not null,
  created_at timestamp with time zone not null,
  created_by text collate "C" not null,
  user_id integer,
  updated_at timestamp with time zone not null,
  updated_by text collate "C" not null,
  constraint note_pkey PRIMARY KEY (workspace_id, profile_id, note_id)
);

create table one_time_code (
  workspace_id integer not null,
  purpose text collate "C" not null,
  subject text collate "C" not null,
  form text collate "C" not null,
  secret_hash bytea not null,
  salt bytea not null,
  payload json not null,
  tries integer not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint one_time_code_pkey PRIMARY KEY (workspace_id, purpose, subject),
  constraint one_time_code_form_check CHECK ((form = ANY (ARRAY['link'::text, 'pin'::text, 'sms'::text]))),
  constraint one_time_code_secret_hash_check CHECK ((length(secret_hash) = 32))
);

CREATE INDEX one_time_code_age ON one_time_code USING btree (expires_at);

CREATE UNIQUE INDEX one_time_code_link ON one_time_code USING btree (secret_hash) WHERE (form = 'link'::text);

create table profile (
  workspace_id integer not null,
  profile_id bigint not null,
  version integer not null,
  attributes jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint profile_pkey PRIMARY KEY (workspace_id, profile_id)
) with (fillfactor=85);

create table profile_activity (
  workspace_id integer not null,
  profile_id bigint not null,
  last_activity_at timestamp with time zone not null,
  constraint profile_activity_pkey PRIMARY KEY (workspace_id, profile_id)
) with (fillfactor=85);

CREATE INDEX profile_activity_at ON profile_activity USING btree (workspace_id, last_activity_at, profile_id);

create table profile_change (
  workspace_id integer not null,
  profile_id bigint not null,
  change_id uuid not null,
  at timestamp with time zone not null,
  dialect text collate "C" not null,
  credential text collate "C" not null,
  trace_id text collate "C" not null,
  diff jsonb not null,
  constraint profile_change_pkey PRIMARY KEY (workspace_id, profile_id, change_id, at)
) partition by RANGE (at);

create table profile_merge (
  workspace_id integer not null,
  from_id bigint not null,
  to_id bigint not null,
  into_id bigint not null,
  at timestamp with time zone not null,
  by text collate "C" not null,
  undo jsonb not null,
  constraint profile_merge_pkey PRIMARY KEY (workspace_id, from_id)
);

CREATE INDEX profile_merge_to ON profile_merge USING btree (workspace_id, to_id);

create table profile_search (
  workspace_id integer not null,
  profile_id bigint not null,
  created_at timestamp with time zone not null,
  first_name text collate "C",
  last_name text collate "C",
  email text collate "C",
  phone text collate "C",
  city text collate "C",
  search_text text not null,
  company text collate "C",
  constraint profile_search_pkey PRIMARY KEY (workspace_id, profile_id)
);

CREATE INDEX profile_search_city ON profile_search USING btree (workspace_id, city, profile_id) WHERE (city IS NOT NULL);

CREATE INDEX profile_search_company ON profile_search USING btree (workspace_id, company, profile_id) WHERE (company IS NOT NULL);

CREATE INDEX profile_search_created ON profile_search USING btree (workspace_id, created_at, profile_id);

CREATE INDEX profile_search_email ON profile_search USING btree (workspace_id, email, profile_id) WHERE (email IS NOT NULL);

CREATE INDEX profile_search_first_name ON profile_search USING btree (workspace_id, first_name, profile_id) WHERE (first_name IS NOT NULL);

CREATE INDEX profile_search_last_name ON profile_search USING btree (workspace_id, last_name, profile_id) WHERE (last_name IS NOT NULL);

CREATE INDEX profile_search_phone ON profile_search USING btree (workspace_id, phone, profile_id) WHERE (phone IS NOT NULL);

CREATE INDEX profile_search_text ON profile_search USING gin (search_text gin_trgm_ops);

create table rejection (
  workspace_id integer not null,
  rejection_id uuid not null,
  at timestamp with time zone not null,
  dialect text collate "C" not null,
  operation text collate "C" not null,
  reason text collate "C" not null,
  pointer text not null,
  item text,
  item_truncated boolean not null,
  identifier_hashes bytea[] not null,
  profile_id bigint,
  trace_id text collate "C" not null,
  occurrences integer not null,
  replayed_at timestamp with time zone,
  detail text,
  constraint rejection_pkey PRIMARY KEY (workspace_id, rejection_id, at)
) partition by RANGE (at);

CREATE INDEX rejection_at ON ONLY rejection USING btree (workspace_id, at DESC);

create table schema_migration (
  version integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null,
  constraint schema_migration_pkey PRIMARY KEY (version)
);

create table segment (
  workspace_id integer not null,
  segment_id uuid not null,
  name text collate "C" not null,
  definition jsonb not null,
  version integer not null,
  created_at timestamp with time zone not null,
  created_by text collate "C" not null,
  updated_at timestamp with time zone not null,
  updated_by text collate "C" not null,
  constraint segment_pkey PRIMARY KEY (workspace_id, segment_id)
);

CREATE UNIQUE INDEX segment_name ON segment USING btree (workspace_id, name);

create table segment_expiry (
  workspace_id integer not null,
  segment_id uuid not null,
  generation integer not null,
  profile_id bigint not null,
  at timestamp with time zone not null,
  constraint segment_expiry_pkey PRIMARY KEY (workspace_id, profile_id, segment_id, generation)
);

CREATE INDEX segment_expiry_due ON segment_expiry USING btree (at);

create table segment_generation (
  workspace_id integer not null,
  segment_id uuid not null,
  generation integer not null,
  definition jsonb not null,
  timezone text collate "C" not null,
  state text collate "C" not null,
  members bigint not null,
  done_until bigint,
  profiles_done bigint not null,
  profiles_total bigint not null,
  attempts integer not null,
  next_attempt_at timestamp with time zone not null,
  last_error text,
  created_at timestamp with time zone not null,
  completed_at timestamp with time zone,
  frozen_at timestamp with time zone,
  outdated boolean not null default false,
  constraint segment_generation_pkey PRIMARY KEY (workspace_id, segment_id, generation)
);

CREATE INDEX segment_generation_due ON segment_generation USING btree (next_attempt_at) WHERE (done_until IS NOT NULL);

create table segment_member (
  workspace_id integer not null,
  segment_id uuid not null,
  generation integer not null,
  profile_id bigint not null,
  since timestamp with time zone not null,
  constraint segment_member_pkey PRIMARY KEY (workspace_id, profile_id, segment_id, generation)
);

CREATE INDEX segment_member_list ON segment_member USING btree (workspace_id, segment_id, generation, profile_id);

create table segment_size (
  workspace_id integer not null,
  segment_id uuid not null,
  hour timestamp with time zone not null,
  at timestamp with time zone not null,
  members bigint not null,
  constraint segment_size_pkey PRIMARY KEY (workspace_id, segment_id, hour)
);

create table session (
  session_id uuid not null,
  kind text collate "C" not null,
  workspace_id integer,
  user_id integer,
  profile_id bigint,
  account_id uuid,
  api_key_id integer,
  device_id text collate "C",
  confirmed_at timestamp with time zone,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint session_pkey PRIMARY KEY (session_id),
  constraint session_check CHECK (((kind = 'user'::text) = (user_id IS NOT NULL))),
  constraint session_check1 CHECK (((kind = 'user'::text) OR ((workspace_id IS NOT NULL) AND (profile_id IS NOT NULL) AND (api_key_id IS NOT NULL)))),
  constraint session_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'profile'::text, 'anonymous'::text])))
);

CREATE INDEX session_expiry ON session USING btree (expires_at);

CREATE INDEX session_of_profile ON session USING btree (workspace_id, profile_id) WHERE ((ended_at IS NULL) AND (profile_id IS NOT NULL));

CREATE INDEX session_of_user ON session USING btree (user_id) WHERE ((ended_at IS NULL) AND (user_id IS NOT NULL));

create table signing_key (
  kid text collate "C" not null,
  algorithm text collate "C" not null,
  public_jwk jsonb not null,
  private_sealed bytea not null,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint signing_key_pkey PRIMARY KEY (kid)
);

create table tag (
  workspace_id integer not null,
  tag_id integer not null,
  name text collate "C" not null,
  created_at timestamp with time zone not null,
  color text collate "C" not null default '#0768ff'::text,
  removal jsonb,
  constraint tag_pkey PRIMARY KEY (workspace_id, tag_id)
);

CREATE UNIQUE INDEX tag_name ON tag USING btree (workspace_id, name) WHERE (removal IS NULL);

CREATE INDEX tag_removed ON tag USING btree (tag_id) WHERE (removal IS NOT NULL);

create table tag_assignment (
  workspace_id integer not null,
  profile_id bigint not null,
  tag_id integer not null,
  origin_profile_id bigint not null,
  at timestamp with time zone not null,
  constraint tag_assignment_pkey PRIMARY KEY (workspace_id, profile_id, tag_id)
);

CREATE INDEX tag_assignment_tag ON tag_assignment USING btree (workspace_id, tag_id, profile_id);

create table tag_count (
  workspace_id integer not null,
  tag_id integer not null,
  profiles bigint not null,
  constraint tag_count_pkey PRIMARY KEY (workspace_id, tag_id)
);

create table tombstone (
  workspace_id integer not null,
  value_hash bytea not null,
  erasure_id uuid not null,
  constraint tombstone_pkey PRIMARY KEY (workspace_id, value_hash, erasure_id),
  constraint tombstone_value_hash_check CHECK ((length(value_hash) = 32))
);

CREATE INDEX tombstone_erasure ON tombstone USING btree (workspace_id, erasure_id);

create table tombstone_key (
  workspace_id integer not null,
  key_sealed bytea not null,
  constraint tombstone_key_pkey PRIMARY KEY (workspace_id)
);

create table transaction (
  workspace_id integer not null,
  profile_id bigint not null,
  transaction_id uuid not null,
  origin_profile_id bigint not null,
  occurred_at timestamp with time zone not null,
  source text collate "C" not null,
  order_id text collate "C" not null,
  currency text collate "C" not null,
  value numeric not null,
  revenue numeric not null,
  discount numeric,
  payment_method text collate "C",
  lines jsonb not null,
  constraint transaction_pkey PRIMARY KEY (workspace_id, profile_id, transaction_id)
);

CREATE INDEX transaction_order ON transaction USING btree (workspace_id, order_id);

CREATE INDEX transaction_timeline ON transaction USING btree (workspace_id, profile_id, occurred_at DESC);

create table user_account (
  user_id integer not null,
  email text collate "C" not null,
  password_hash text collate "C" not null,
  declared_password_hash text collate "C",
  role text collate "C" not null,
  managed_by text collate "C" not null,
  created_at timestamp with time zone not null,
  disabled_at timestamp with time zone,
  constraint user_account_email_key UNIQUE (email),
  constraint user_account_pkey PRIMARY KEY (user_id),
  constraint user_account_managed_by_check CHECK ((managed_by = ANY (ARRAY['config'::text, 'start'::text, 'api'::text])))
);

create table user_device (
  user_id integer not null,
  device_hash bytea not null,
  remembered_until timestamp with time zone not null,
  constraint user_device_pkey PRIMARY KEY (user_id, device_hash)
);

CREATE INDEX user_device_age ON user_device USING btree (remembered_until);

create table user_invitation (
  invitation_id uuid not null,
  token_hash bytea not null,
  email text collate "C" not null,
  role text collate "C" not null,
  workspace_role text collate "C" not null,
  workspace_ids integer[] not null,
  invited_by text collate "C" not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  inviter_user_id integer,
  inviter_workspace_id integer,
  inviter_key_id integer,
  constraint user_invitation_token_hash_key UNIQUE (token_hash),
  constraint user_invitation_pkey PRIMARY KEY (invitation_id)
);

create table user_recovery_code (
  user_id integer not null,
  code_hash bytea not null,
  constraint user_recovery_code_pkey PRIMARY KEY (user_id, code_hash)
);

create table user_totp (
  user_id integer not null,
  seed_sealed bytea not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  last_step bigint,
  constraint user_totp_pkey PRIMARY KEY (user_id)
);

create table user_workspace (
  user_id integer not null,
  workspace_id integer not null,
  role text collate "C" not null default 'reader'::text,
  constraint user_workspace_pkey PRIMARY KEY (user_id, workspace_id)
);

create table workspace (
  workspace_id integer not null,
  guid uuid not null,
  name text collate "C" not null,
  settings jsonb not null,
  managed_by text collate "C" not null,
  created_at timestamp with time zone not null,
  archived_at timestamp with time zone,
  constraint workspace_guid_key UNIQUE (guid),
  constraint workspace_pkey PRIMARY KEY (workspace_id),
  constraint workspace_managed_by_check CHECK ((managed_by = ANY (ARRAY['config'::text, 'start'::text, 'api'::text])))
);

CREATE UNIQUE INDEX workspace_name ON workspace USING btree (name) WHERE (archived_at IS NULL);

create table workspace_role (
  workspace_id integer not null,
  name text collate "C" not null,
  permissions text[] collate "C" not null,
  created_at timestamp with time zone not null,
  constraint workspace_role_pkey PRIMARY KEY (workspace_id, name)
);

create table workspace_secret (
  workspace_id integer not null,
  name text collate "C" not null,
  sealed bytea not null,
  updated_at timestamp with time zone not null,
  constraint workspace_secret_pkey PRIMARY KEY (workspace_id, name)
);
