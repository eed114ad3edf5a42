-- Erasures of people: who asked, how far each is, and how much went. What the person was known by is there, sealed,
-- while traces are looked for, and gone with the last of them.
create table erasure (
  workspace_id integer not null,
  erasure_id uuid not null,
  profile_id bigint not null,
  state text collate "C" not null check (state in ('running', 'done')),
  requested_by text collate "C" not null,
  at timestamptz not null,
  ended_at timestamptz,
  tombstone text collate "C" not null check (tombstone in ('none', 'kept', 'removed')),
  counts jsonb not null,
  person_sealed bytea,
  place text collate "C" not null,
  position text collate "C" not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  claim uuid,
  claimed_until timestamptz,
  last_error text collate "C",
  primary key (workspace_id, erasure_id)
);
create index erasure_due on erasure (next_attempt_at) where state = 'running';

-- Keyed hashes of identifiers that nobody may be known by again; the key of a workspace is its own, and sealed.
create table tombstone (
  workspace_id integer not null,
  value_hash bytea not null check (length(value_hash) = 32),
  erasure_id uuid not null,
  primary key (workspace_id, value_hash, erasure_id)
);
create index tombstone_erasure on tombstone (workspace_id, erasure_id);
create table tombstone_key (
  workspace_id integer primary key,
  key_sealed bytea not null
);

create index message_recipient on message (workspace_id, lower(recipient));

update workspace set settings = '{"eventDays": 0, "eventDaysByName": []}'::jsonb || settings;
