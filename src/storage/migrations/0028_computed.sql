-- Aggregates and expressions of a workspace: values of a person that are computed whenever somebody asks.
create table computed (
  workspace_id integer not null,
  computed_id uuid not null,
  -- aggregate or expression
  kind text collate "C" not null,
  name text collate "C" not null,
  definition jsonb not null,
  -- Raised by every change of the definition.
  version integer not null,
  created_at timestamptz not null,
  -- The e-mail of a user, or the label of an api key.
  created_by text collate "C" not null,
  updated_at timestamptz not null,
  updated_by text collate "C" not null,
  primary key (workspace_id, computed_id)
);

create unique index computed_name on computed (workspace_id, name);
