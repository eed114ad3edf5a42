-- The tracker key of each web domain. Unlike all other keys its text is kept: it stands in the pages of that domain for everybody
-- to read, and whoever sets a page up again must get the same one. What opens is still the hash in api_key.
create table domain_key (
  workspace_id integer not null,
  domain text collate "C" not null,
  code text collate "C" not null,
  api_key_id integer not null,
  primary key (workspace_id, domain)
);
