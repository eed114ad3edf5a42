-- Exports: files of rows in the data directory, written behind the call that asks for them. `claim` is whoever writes the file; it
-- counts until `claimed_until`, and of a file that is ready it names the version.
create table export (
  workspace_id integer not null,
  export_id bigint not null,
  state text collate "C" not null
    check (state in ('queued', 'running', 'ready', 'failed', 'cancelled', 'expired')),
  kind text collate "C" not null check (kind in ('profiles', 'events')),
  format text collate "C" not null check (format in ('ndjson', 'csv', 'parquet')),
  is_gzip boolean not null,
  content text not null,
  created_by text not null,
  rows bigint not null default 0,
  bytes bigint not null default 0,
  rows_expected bigint,
  snapshot_at timestamptz,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  claim uuid,
  claimed_until timestamptz,
  last_error text,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  expires_at timestamptz,
  primary key (workspace_id, export_id)
);
-- What is to be done next.
create index export_due on export (next_attempt_at) where state in ('queued', 'running');
create index export_expiry on export (expires_at) where state = 'ready';
create index export_ended on export (workspace_id, ended_at) where ended_at is not null;

-- Where the rows of a file are: pieces that can be read by themselves, and whose rows they hold.
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
  -- Of the people in it, with those who were merged into them.
  profile_ids bigint[] not null,
  primary key (workspace_id, export_id, number)
);

update workspace set settings = '{"exportDays": 7}'::jsonb || settings;
