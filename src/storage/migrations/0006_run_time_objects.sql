-- Workspaces, keys and users may be made at run time, by the API and the command line.
alter table workspace drop constraint workspace_managed_by_check;
alter table workspace add constraint workspace_managed_by_check check (managed_by in ('config', 'start', 'api'));
alter table api_key drop constraint api_key_managed_by_check;
alter table api_key add constraint api_key_managed_by_check check (managed_by in ('config', 'start', 'api'));
alter table user_account drop constraint user_account_managed_by_check;
alter table user_account add constraint user_account_managed_by_check check (managed_by in ('config', 'start', 'api'));
