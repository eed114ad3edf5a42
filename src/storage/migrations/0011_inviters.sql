-- Who invited, so that an invitation is worth nothing once its inviter is out: a user, or an api key of a workspace.
alter table user_invitation
  add column inviter_user_id integer,
  add column inviter_workspace_id integer,
  add column inviter_key_id integer;

update user_invitation i set inviter_user_id = u.user_id from user_account u
 where i.closed_at is null and u.email = i.invited_by;

-- Open invitations of keys: the label does not say which key it was, so whoever needs one is invited again.
update user_invitation set closed_at = now() where closed_at is null and inviter_user_id is null;
