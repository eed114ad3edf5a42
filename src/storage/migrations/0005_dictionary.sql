-- Every attribute and event property that was ever seen, by type and dialect. `event_name` is '' for profiles.
create table attribute_seen (
  workspace_id integer not null,
  target text collate "C" not null check (target in ('profile', 'event')),
  event_name text collate "C" not null,
  attribute text collate "C" not null,
  type text collate "C" not null,
  dialect text collate "C" not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (workspace_id, target, event_name, attribute, type, dialect)
);
