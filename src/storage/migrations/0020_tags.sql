-- A tag of workspace 0 belongs to the installation: every workspace may put it on profiles, and none may change it.
-- The default colour is for a server that does not know of colours and still writes.
alter table tag add column color text collate "C" not null default '#0768ff';

-- Who removed the tag; null while it is there. It is gone at once for who reads or assigns; its row stays until it is off all profiles.
alter table tag add column removal jsonb;
drop index tag_name;
create unique index tag_name on tag (workspace_id, name) where removal is null;
create index tag_removed on tag (tag_id) where removal is not null;

-- Who has a tag, for taking it off.
create index tag_assignment_tag on tag_assignment (workspace_id, tag_id, profile_id);

-- How many profiles have a tag. Kept by the follower of flushes, as every total is.
create table tag_count (
  workspace_id integer not null,
  tag_id integer not null,
  profiles bigint not null,
  primary key (workspace_id, tag_id)
);
insert into tag_count
select a.workspace_id, a.tag_id, count(*) from tag_assignment a
  join profile p on p.workspace_id = a.workspace_id and p.profile_id = a.profile_id
 group by a.workspace_id, a.tag_id;
