-- What came in over time, for plots: amounts by workspace and span of time, added up by the follower of flushes. Every instant is in one
-- row of a key only: minutes become hours when they are some days old, and hours are forgotten after a year and a month.
create table history (
  workspace_id integer not null,
  -- When the span begins.
  at timestamptz not null,
  -- 60 or 3600.
  span_seconds integer not null,
  -- event, transaction, profile-write, rejection, latency.
  kind text collate "C" not null,
  -- Empty for what is not counted by dialect.
  dialect text collate "C" not null,
  -- The name of events (empty for all names beyond the bound), the reason of rejections, the bucket of latencies, else empty.
  name text collate "C" not null,
  amount bigint not null,
  primary key (workspace_id, at, kind, dialect, name, span_seconds)
);

create index history_age on history (span_seconds, at);
