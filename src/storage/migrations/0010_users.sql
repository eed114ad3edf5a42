-- What members may do in a workspace, in roles of its own. A member without one of these reads everything.
create table workspace_role (
  workspace_id integer not null,
  name text collate "C" not null,
  -- `GROUP:act`; `*` stands for every group or every act.
  permissions text[] collate "C" not null,
  created_at timestamptz not null,
  primary key (workspace_id, name)
);

-- What a member is in the workspace: the built-in role or one of workspace_role.
alter table user_workspace add column role text collate "C" not null default 'reader';

create table user_totp (
  user_id integer primary key,
  seed_sealed bytea not null,
  created_at timestamptz not null,
  -- Null until a first code has shown that the person's app has the seed.
  confirmed_at timestamptz,
  -- The latest step of 30 seconds whose code was taken: none is taken twice.
  last_step bigint
);

create table user_recovery_code (
  user_id integer not null,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);

-- Devices on which a second factor was given lately.
create table user_device (
  user_id integer not null,
  device_hash bytea not null,
  remembered_until timestamptz not null,
  primary key (user_id, device_hash)
);
create index user_device_age on user_device (remembered_until);

create table user_invitation (
  invitation_id uuid primary key,
  token_hash bytea not null unique,
  email text collate "C" not null,
  -- What the user will be in the installation, and in each of the workspaces.
  role text collate "C" not null,
  workspace_role text collate "C" not null,
  workspace_ids integer[] not null,
  invited_by text collate "C" not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- When it was accepted or revoked.
  closed_at timestamptz
);

-- Administrative acts. Rows are added and never changed.
create table audit_log (
  audit_id uuid primary key,
  at timestamptz not null,
  -- Null for an act upon the installation.
  workspace_id integer,
  actor_kind text collate "C" not null check (actor_kind in ('user', 'key', 'cli', 'config')),
  actor text collate "C" not null,
  action text collate "C" not null,
  object text collate "C" not null,
  detail jsonb not null,
  address text collate "C",
  trace_id text collate "C"
);
create index audit_log_time on audit_log (at, audit_id);
create index audit_log_workspace on audit_log (workspace_id, at, audit_id);

update workspace set settings = settings || '{"mfaRequired": false}' where not settings ? 'mfaRequired';
update workspace set settings = settings || '{"ipAllowlist": []}' where not settings ? 'ipAllowlist';
