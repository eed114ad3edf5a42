-- Profiles that are companies. A mark stays with the profile that got it, also when that one is merged away.
create table company (
  workspace_id integer not null,
  profile_id bigint not null,
  marked_at timestamptz not null,
  primary key (workspace_id, profile_id)
);

-- To which company a profile belongs: the newest word counts. A row stays with the profile that it was said of.
create table company_relation (
  workspace_id integer not null,
  profile_id bigint not null,
  company_id bigint not null,
  at timestamptz not null,
  source text collate "C" not null,
  primary key (workspace_id, profile_id)
);
create index company_relation_company on company_relation (workspace_id, company_id, profile_id);

update workspace set settings = '{"companyAttribute": "company"}'::jsonb || settings;
