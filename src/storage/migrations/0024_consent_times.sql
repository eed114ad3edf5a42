-- Answers by when they were given: clients of vendors fetch who unsubscribed since they looked last.
create index consent_at on consent (workspace_id, at);
