-- Who belongs to segments, kept up to date. A generation is one definition of a segment, read in one time zone: a
-- changed one is built beside the one that is served and takes its place once it is whole.
create table segment_generation (
  workspace_id integer not null,
  segment_id uuid not null,
  generation integer not null,
  -- With the definitions that its ids stand for.
  definition jsonb not null,
  timezone text collate "C" not null,
  -- building: never whole yet. ready: served. failed: given up. replaced: served until its successor is ready. dropped: to be deleted.
  state text collate "C" not null,
  members bigint not null,
  -- The last profile that the pass over all profiles has looked at; null when none is wanted.
  done_until bigint,
  profiles_done bigint not null,
  profiles_total bigint not null,
  attempts integer not null,
  next_attempt_at timestamptz not null,
  last_error text,
  created_at timestamptz not null,
  -- The end of the last pass over all profiles.
  completed_at timestamptz,
  -- Members are as of this instant; null while they follow every write.
  frozen_at timestamptz,
  -- A definition that it refers to says something else by now.
  outdated boolean not null default false,
  primary key (workspace_id, segment_id, generation)
);

create index segment_generation_due on segment_generation (next_attempt_at) where done_until is not null;

create table segment_member (
  workspace_id integer not null,
  segment_id uuid not null,
  generation integer not null,
  profile_id bigint not null,
  -- When the profile was found to belong to it.
  since timestamptz not null,
  primary key (workspace_id, profile_id, segment_id, generation)
);

create index segment_member_list on segment_member (workspace_id, segment_id, generation, profile_id);

-- When a profile may begin or stop to belong to a segment without any write, because time goes by.
create table segment_expiry (
  workspace_id integer not null,
  segment_id uuid not null,
  generation integer not null,
  profile_id bigint not null,
  at timestamptz not null,
  primary key (workspace_id, profile_id, segment_id, generation)
);

create index segment_expiry_due on segment_expiry (at);

-- How many belonged to a segment: the last number of every hour in which it changed.
create table segment_size (
  workspace_id integer not null,
  segment_id uuid not null,
  hour timestamptz not null,
  at timestamptz not null,
  members bigint not null,
  primary key (workspace_id, segment_id, hour)
);

-- A segment that was made before its members were kept is built like one that is new.
insert into segment_generation
  (workspace_id, segment_id, generation, definition, timezone, state, members, done_until, profiles_done, profiles_total,
   attempts, next_attempt_at, created_at)
select s.workspace_id, s.segment_id, 1, s.definition, coalesce(w.settings ->> 'timezone', 'UTC'), 'building', 0, 0, 0, 0, 0,
       s.updated_at, s.updated_at
  from segment s join workspace w on w.workspace_id = s.workspace_id;
