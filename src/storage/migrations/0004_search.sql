-- What lists of profiles are filtered, searched and sorted by, apart from the hot profile row. All texts in lower case.
create extension if not exists pg_trgm;

create table profile_search (
  workspace_id integer not null,
  profile_id bigint not null,
  created_at timestamptz not null,
  first_name text collate "C",
  last_name text collate "C",
  email text collate "C",
  phone text collate "C",
  city text collate "C",
  search_text text not null,
  primary key (workspace_id, profile_id)
);
create index profile_search_created on profile_search (workspace_id, created_at, profile_id);
create index profile_search_email on profile_search (workspace_id, email);
create index profile_search_phone on profile_search (workspace_id, phone);
create index profile_search_text on profile_search using gin (search_text gin_trgm_ops);

insert into profile_search (workspace_id, profile_id, created_at, first_name, last_name, email, phone, city, search_text)
select workspace_id, profile_id, created_at, lower(left(attributes->>'firstName', 255)),
       lower(left(attributes->>'lastName', 255)), lower(left(attributes->>'email', 255)),
       lower(left(attributes->>'phone', 255)), lower(left(attributes->>'city', 255)),
       lower(concat_ws(' ', left(attributes->>'firstName', 255), left(attributes->>'lastName', 255),
                       left(attributes->>'email', 255), left(attributes->>'phone', 255), left(attributes->>'company', 255)))
  from profile;
