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

-- Only living profiles are in lists: what was merged away was active for its survivor.
insert into profile_activity (workspace_id, profile_id, last_activity_at)
select m.workspace_id, m.to_id, max(a.last_activity_at)
  from profile_activity a join profile_merge m on m.workspace_id = a.workspace_id and m.from_id = a.profile_id
 group by m.workspace_id, m.to_id
on conflict (workspace_id, profile_id) do update
  set last_activity_at = greatest(profile_activity.last_activity_at, excluded.last_activity_at);

delete from profile_activity a
 where not exists (select from profile p where p.workspace_id = a.workspace_id and p.profile_id = a.profile_id);
