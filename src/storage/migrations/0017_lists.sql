-- Lists of a million profiles: each order by an index of the profiles that have the value, and a search text in which every
-- word has a space before it, so that one or two letters find the beginning of a word by their trigrams.
alter table profile_search add column company text collate "C";

update profile_search s
   set company = lower(left(p.attributes ->> 'company', 255)),
       search_text = lower(concat_ws(' ', '', left(p.attributes ->> 'firstName', 255), left(p.attributes ->> 'lastName', 255),
         left(p.attributes ->> 'email', 255), left(p.attributes ->> 'phone', 255), left(p.attributes ->> 'company', 255)))
  from profile p
 where p.workspace_id = s.workspace_id and p.profile_id = s.profile_id;

drop index profile_search_email;
drop index profile_search_phone;

create index profile_search_first_name on profile_search (workspace_id, first_name, profile_id) where first_name is not null;
create index profile_search_last_name on profile_search (workspace_id, last_name, profile_id) where last_name is not null;
create index profile_search_email on profile_search (workspace_id, email, profile_id) where email is not null;
create index profile_search_phone on profile_search (workspace_id, phone, profile_id) where phone is not null;
create index profile_search_city on profile_search (workspace_id, city, profile_id) where city is not null;
create index profile_search_company on profile_search (workspace_id, company, profile_id) where company is not null;

create index profile_activity_at on profile_activity (workspace_id, last_activity_at, profile_id);
