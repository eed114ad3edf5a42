-- Mail and text messages: the table is the queue, written in the transaction of what the message tells about.
create table message (
  workspace_id integer not null,
  message_id uuid not null,
  channel text collate "C" not null check (channel in ('mail', 'sms')),
  template text collate "C" not null,
  recipient text collate "C" not null,
  -- Null for a text message.
  subject text,
  -- Text and HTML under the installation's key, because they may hold a code; null once such a message was sent.
  sealed_body bytea,
  is_secret boolean not null,
  state text collate "C" not null check (state in ('queued', 'sent', 'failed', 'outbox')),
  attempts integer not null,
  -- When it is due; while it is claimed, when the claim ends.
  next_attempt_at timestamptz not null,
  claimed_at timestamptz,
  last_error text,
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (workspace_id, message_id)
);
create index message_due on message (channel, next_attempt_at) where state = 'queued';
create index message_at on message (workspace_id, created_at, message_id);
create index message_age on message (created_at);

-- What a workspace says in place of a built-in message.
create table message_template (
  workspace_id integer not null,
  name text collate "C" not null,
  subject text,
  body_text text not null,
  body_html text,
  updated_at timestamptz not null,
  primary key (workspace_id, name)
);

-- One living code for each purpose and subject: a new one takes the row of the older.
create table one_time_code (
  workspace_id integer not null,
  purpose text collate "C" not null,
  subject text collate "C" not null,
  form text collate "C" not null check (form in ('link', 'pin', 'sms')),
  secret_hash bytea not null check (length(secret_hash) = 32),
  salt bytea not null,
  payload json not null,
  tries integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (workspace_id, purpose, subject)
);
create unique index one_time_code_link on one_time_code (secret_hash) where form = 'link';
create index one_time_code_age on one_time_code (expires_at);
