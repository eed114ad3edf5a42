-- What users of the workspace write down about a profile. A row stays with the profile it was written for: reads follow merges.
create table note (
  workspace_id integer not null,
  profile_id bigint not null,
  note_id uuid not null,
  origin_profile_id bigint not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null,
  -- The e-mail of a user, or the label of an api key, which has no user_id.
  created_by text collate "C" not null,
  user_id integer,
  updated_at timestamptz not null,
  updated_by text collate "C" not null,
  primary key (workspace_id, profile_id, note_id)
);
