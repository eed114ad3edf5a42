-- Segments for one occasion: what somebody filtered a list by. They have no members of their own: who belongs is computed whenever
-- somebody asks, because every filter makes one, and each that is kept up to date costs every write.
create table local_segment (
  workspace_id integer not null,
  segment_id uuid not null,
  name text,
  -- With the definitions that its ids stand for, which may change or go before it does.
  definition jsonb not null,
  created_at timestamptz not null,
  -- The e-mail of a user, or the label of an api key.
  created_by text collate "C" not null,
  expires_at timestamptz not null,
  primary key (workspace_id, segment_id)
);

create index local_segment_expiry on local_segment (expires_at);

-- Who belonged to a segment at one instant.
create table materialization (
  workspace_id integer not null,
  materialization_id bigint not null,
  segment_id uuid not null,
  members bigint not null,
  created_at timestamptz not null,
  created_by text collate "C" not null,
  expires_at timestamptz not null,
  primary key (workspace_id, materialization_id)
);

create index materialization_expiry on materialization (expires_at);

create table materialization_member (
  workspace_id integer not null,
  materialization_id bigint not null,
  profile_id bigint not null,
  -- From 0, the newest profile first; whoever is deleted leaves a gap.
  position bigint not null,
  primary key (workspace_id, profile_id, materialization_id)
);

create index materialization_member_list on materialization_member (workspace_id, materialization_id, position);

-- How long a file is kept, in milliseconds, where whoever asked for it said so.
alter table export add column lifetime_ms bigint;
-- What whoever asked for it wants to find with it again, as JSON.
alter table export add column memo text;
