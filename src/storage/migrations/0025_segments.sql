-- Segments of a workspace: what a person must be to belong to each. Who does is computed, never written by hand.
create table segment (
  workspace_id integer not null,
  segment_id uuid not null,
  name text collate "C" not null,
  definition jsonb not null,
  -- Raised by every change of the definition.
  version integer not null,
  created_at timestamptz not null,
  -- The e-mail of a user, or the label of an api key.
  created_by text collate "C" not null,
  updated_at timestamptz not null,
  updated_by text collate "C" not null,
  primary key (workspace_id, segment_id)
);

create unique index segment_name on segment (workspace_id, name);
