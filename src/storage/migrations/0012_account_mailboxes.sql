-- Where e-mails identify nobody an account has a mailbox all the same; several accounts may then share one.
alter table account add column email_is_name boolean not null default true;

drop index account_email;

create unique index account_email on account (workspace_id, email)
  where deleted_at is null and email is not null and email_is_name;
