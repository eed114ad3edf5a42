-- Every name of events that was seen, by dialect. Ingest makes the rows, the follower of flushes counts in them; the count is of
-- what came in, also of what was deleted since.
create table event_catalog (
  workspace_id integer not null,
  name text collate "C" not null,
  dialect text collate "C" not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  count bigint not null,
  primary key (workspace_id, name, dialect)
);

-- What the dictionary knows already: counted from now on.
insert into event_catalog (workspace_id, name, dialect, first_seen_at, last_seen_at, count)
select workspace_id, event_name, dialect, min(first_seen_at), max(last_seen_at), 0
  from attribute_seen where target = 'event'
 group by workspace_id, event_name, dialect;
