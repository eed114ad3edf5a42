-- Tokens that an api key bought: they end by themselves, with the key, or when somebody ends them.
create table access_token (
  token_hash bytea primary key check (length(token_hash) = 32),
  workspace_id integer not null,
  api_key_id integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index access_token_key on access_token (workspace_id, api_key_id);
create index access_token_expiry on access_token (expires_at);
