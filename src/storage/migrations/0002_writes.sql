-- Purchases as rows of their own, and events that a later one with the same id replaces.

-- How many events derive from the stored one: a replacement with fewer takes the surplus away.
alter table dedupe add column part_count integer not null default 0;

-- The time as its sender wrote it, where a dialect corrects or discards it.
alter table event add column original_time text;

create table transaction (
  workspace_id integer not null,
  profile_id bigint not null,
  transaction_id uuid not null,
  origin_profile_id bigint not null,
  occurred_at timestamptz not null,
  source text collate "C" not null,
  order_id text collate "C" not null,
  currency text collate "C" not null,
  value numeric not null,
  revenue numeric not null,
  discount numeric,
  payment_method text collate "C",
  lines jsonb not null,
  primary key (workspace_id, profile_id, transaction_id)
);
create index transaction_timeline on transaction (workspace_id, profile_id, occurred_at desc);
create index transaction_order on transaction (workspace_id, order_id);

create table tag (
  workspace_id integer not null,
  tag_id integer not null,
  name text collate "C" not null,
  created_at timestamptz not null,
  primary key (workspace_id, tag_id)
);
create unique index tag_name on tag (workspace_id, name);

create table tag_assignment (
  workspace_id integer not null,
  profile_id bigint not null,
  tag_id integer not null,
  origin_profile_id bigint not null,
  at timestamptz not null,
  primary key (workspace_id, profile_id, tag_id)
);
