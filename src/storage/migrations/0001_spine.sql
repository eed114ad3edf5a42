-- The spine: workspaces, access, profiles, events, ledger, batches.
-- Every key leads with workspace_id; profile-owned tables carry profile_id in every key, so that they can be
-- distributed by it. What each table's class is stands in storage/distribution.ts.
-- Partitions are made by storage/partitions.ts, not here: they depend on the year of the installation.

create table installation (
  singleton boolean primary key default true check (singleton),
  installed_at timestamptz not null
);

create table workspace (
  workspace_id integer primary key,
  guid uuid not null unique,
  name text collate "C" not null,
  settings jsonb not null,
  managed_by text collate "C" not null check (managed_by in ('config', 'start')),
  created_at timestamptz not null,
  archived_at timestamptz
);
create unique index workspace_name on workspace (name) where archived_at is null;

-- Only the SHA-256 of a secret is stored; `prefix` is what lists may show of it.
create table api_key (
  workspace_id integer not null,
  api_key_id integer not null,
  scope text collate "C" not null,
  secret_hash bytea not null check (length(secret_hash) = 32),
  prefix text collate "C" not null,
  permissions text[] not null,
  managed_by text collate "C" not null check (managed_by in ('config', 'start')),
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (workspace_id, api_key_id)
);
-- A credential is unique over all workspaces: it alone tells the workspace.
create unique index api_key_secret on api_key (secret_hash) where revoked_at is null;

-- `declared_password_hash` is the hash of the password text in the configuration file, so that a password
-- changed elsewhere is only overwritten when that text changes.
create table user_account (
  user_id integer primary key,
  email text collate "C" not null unique,
  password_hash text collate "C" not null,
  declared_password_hash text collate "C",
  role text collate "C" not null,
  managed_by text collate "C" not null check (managed_by in ('config', 'start')),
  created_at timestamptz not null,
  disabled_at timestamptz
);

create table user_workspace (
  user_id integer not null,
  workspace_id integer not null,
  primary key (user_id, workspace_id)
);

-- Integer ids are handed out in blocks of 1,000 by UPDATE ... RETURNING and never reused.
create table id_block (
  kind text collate "C" primary key,
  next bigint not null
);

create table identifier (
  workspace_id integer not null,
  kind smallint not null,
  value text collate "C" not null,
  profile_id bigint not null,
  source text collate "C" not null,
  first_seen_at timestamptz not null,
  is_primary boolean not null,
  primary key (workspace_id, kind, value)
);
create index identifier_profile on identifier (workspace_id, profile_id);

create table profile (
  workspace_id integer not null,
  profile_id bigint not null,
  version integer not null,
  attributes jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, profile_id)
) with (fillfactor = 85);

-- Apart from profile, so that an event does not write a new version of the whole profile row.
create table profile_activity (
  workspace_id integer not null,
  profile_id bigint not null,
  last_activity_at timestamptz not null,
  primary key (workspace_id, profile_id)
) with (fillfactor = 85);

create table consent (
  workspace_id integer not null,
  profile_id bigint not null,
  origin_profile_id bigint not null,
  channel text collate "C" not null,
  state text collate "C" not null check (state in ('granted', 'denied', 'unknown')),
  at timestamptz not null,
  source text collate "C" not null,
  primary key (workspace_id, profile_id, channel)
);

-- Path-compressed: to_id is always a living profile; into_id is the one that was named when it happened.
create table profile_merge (
  workspace_id integer not null,
  from_id bigint not null,
  to_id bigint not null,
  into_id bigint not null,
  at timestamptz not null,
  by text collate "C" not null,
  undo jsonb not null,
  primary key (workspace_id, from_id)
);
create index profile_merge_to on profile_merge (workspace_id, to_id);

create table profile_change (
  workspace_id integer not null,
  profile_id bigint not null,
  change_id uuid not null,
  at timestamptz not null,
  dialect text collate "C" not null,
  credential text collate "C" not null,
  trace_id text collate "C" not null,
  diff jsonb not null,
  primary key (workspace_id, profile_id, change_id, at)
) partition by range (at);

create table event (
  workspace_id integer not null,
  profile_id bigint not null,
  event_id uuid not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  sent_at timestamptz,
  origin_profile_id bigint not null,
  name text collate "C" not null,
  source text collate "C" not null,
  properties jsonb not null,
  primary key (workspace_id, profile_id, event_id, occurred_at)
) partition by range (occurred_at);
create index event_timeline on event (workspace_id, profile_id, occurred_at desc);
create index event_name on event (workspace_id, name, occurred_at) include (profile_id);

-- Not partitioned by time: a retry may carry another time than the first try.
create table dedupe (
  workspace_id integer not null,
  key_hash bytea not null check (length(key_hash) = 16),
  profile_id bigint not null,
  event_id uuid not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  primary key (workspace_id, key_hash)
);

create table idempotency (
  workspace_id integer not null,
  key_hash bytea not null check (length(key_hash) = 32),
  body_hash bytea not null check (length(body_hash) = 32),
  status smallint not null,
  answer text not null,
  expires_at timestamptz not null,
  primary key (workspace_id, key_hash)
);
create index idempotency_expiry on idempotency (expires_at);

create table attribute_definition (
  workspace_id integer not null,
  dialect text collate "C" not null,
  target text collate "C" not null check (target in ('profile', 'event')),
  event_name text collate "C" not null,
  attribute text collate "C" not null,
  type text collate "C" not null,
  first_seen_at timestamptz not null,
  primary key (workspace_id, dialect, target, event_name, attribute)
);

create table rejection (
  workspace_id integer not null,
  rejection_id uuid not null,
  at timestamptz not null,
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
  replayed_at timestamptz,
  primary key (workspace_id, rejection_id, at)
) partition by range (at);
create index rejection_at on rejection (workspace_id, at desc);

-- One row a flush and workspace. Followers read it in commit order: xid below the snapshot's xmin, then number.
create table ingest_batch (
  number bigint generated always as identity primary key,
  xid xid8 not null,
  flush_id uuid not null,
  workspace_id integer not null,
  at timestamptz not null,
  profile_ids bigint[] not null,
  last_occurred_at timestamptz[] not null,
  counts jsonb not null
);
create index ingest_batch_xid on ingest_batch (xid, number);

create table follower (
  name text collate "C" primary key,
  position xid8 not null
);

create table counter (
  workspace_id integer not null,
  dialect text collate "C" not null,
  name text collate "C" not null,
  value bigint not null,
  primary key (workspace_id, dialect, name)
);
