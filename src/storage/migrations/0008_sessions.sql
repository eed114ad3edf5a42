-- What stands behind the short tokens of people: a token opens nothing once its session is over.
create table session (
  session_id uuid primary key,
  kind text collate "C" not null check (kind in ('user', 'profile', 'anonymous')),
  -- Null for a user who has not selected one yet.
  workspace_id integer,
  user_id integer,
  profile_id bigint,
  account_id uuid,
  -- The api key that the person's app logged in with; it lends its permissions.
  api_key_id integer,
  device_id text collate "C",
  -- When a user gave a second factor.
  confirmed_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  check ((kind = 'user') = (user_id is not null)),
  check ((kind = 'user') or (workspace_id is not null and profile_id is not null and api_key_id is not null))
);

create index session_of_user on session (user_id) where ended_at is null and user_id is not null;
create index session_of_profile on session (workspace_id, profile_id) where ended_at is null and profile_id is not null;
create index session_expiry on session (expires_at);

-- Logins of people in a vendor's shop or app. A profile may have none, or several after a merge.
create table account (
  workspace_id integer not null,
  account_id uuid not null,
  profile_id bigint not null,
  -- In normal form; what the person logs in with.
  email text collate "C",
  custom_id text collate "C",
  -- argon2id in PHC form; null for who only logs in elsewhere.
  password_hash text collate "C",
  state text collate "C" not null check (state in ('active', 'unconfirmed', 'inactive', 'awaiting_pin', 'deleted')),
  -- Whether the person has shown that the mailbox is theirs.
  email_verified_at timestamptz,
  -- The device that registered: a PIN is taken from no other.
  device_id text collate "C",
  created_at timestamptz not null,
  password_changed_at timestamptz,
  deleted_at timestamptz,
  primary key (workspace_id, account_id)
);

create unique index account_email on account (workspace_id, email) where deleted_at is null and email is not null;
create unique index account_custom_id on account (workspace_id, custom_id) where deleted_at is null and custom_id is not null;
create index account_profile on account (workspace_id, profile_id);

-- Who a person is to an identity provider. Stays when the account is deleted, so that it cannot come back by itself.
create table account_identity (
  workspace_id integer not null,
  provider text collate "C" not null,
  subject text collate "C" not null,
  account_id uuid not null,
  primary key (workspace_id, provider, subject)
);
create index account_identity_account on account_identity (workspace_id, account_id);

-- Failures that slow down whoever guesses, shared by all processes.
create table attempt (
  key_hash bytea primary key,
  failures integer not null,
  blocked_until timestamptz not null,
  failed_at timestamptz not null
);
create index attempt_age on attempt (failed_at);

update workspace set settings = '{"accountConfirmation": "automatic", "passwordLengthMin": 6,
  "passwordRequires": ["letter", "digit", "special"], "accountLinkUrl": null}'::jsonb || settings;

-- What identity providers gave to a workspace's apps, sealed.
create table workspace_secret (
  workspace_id integer not null,
  name text collate "C" not null,
  sealed bytea not null,
  updated_at timestamptz not null,
  primary key (workspace_id, name)
);

update workspace set settings = '{"identityProviders": {}}'::jsonb || settings;
