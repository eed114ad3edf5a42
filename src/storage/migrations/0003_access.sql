-- Keys that sign tokens. The private half is sealed under a key that is not in the database.
create table signing_key (
  kid text collate "C" primary key,
  algorithm text collate "C" not null,
  public_jwk jsonb not null,
  private_sealed bytea not null,
  created_at timestamptz not null,
  retired_at timestamptz
);

update workspace set settings = settings || '{"tokenLifeSeconds": 3600}' where not settings ? 'tokenLifeSeconds';
