-- Imports that run behind the request that brought them. A row is `receiving` until the last chunk of its upload is stored: nobody
-- sees it before. `claim` is whoever works on the next chunk; it counts until `claimed_until`.
create table import (
  workspace_id integer not null,
  import_id bigint not null,
  state text collate "C" not null
    check (state in ('receiving', 'queued', 'running', 'paused', 'done', 'failed', 'cancelled')),
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
  next_attempt_at timestamptz not null,
  claim uuid,
  claimed_until timestamptz,
  last_error text,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (workspace_id, import_id)
);
-- What is to be done next, and uploads that nobody finished.
create index import_due on import (next_attempt_at) where state in ('receiving', 'queued', 'running');
create index import_ended on import (workspace_id, ended_at) where ended_at is not null;
create index import_payload on import (ended_at) where has_payload and ended_at is not null;

-- The rows of an import as JSON, in the parts in which they are written.
create table import_chunk (
  workspace_id integer not null,
  import_id bigint not null,
  number integer not null,
  rows text not null,
  primary key (workspace_id, import_id, number)
);

-- Rows of an import that are not stored.
create table import_refusal (
  workspace_id integer not null,
  import_id bigint not null,
  row_number integer not null,
  code text collate "C" not null,
  detail text not null,
  pointer text not null,
  item text not null,
  primary key (workspace_id, import_id, row_number)
);
