-- When a key last opened something, itself or by a token that it bought; written behind requests, at most once a minute.
alter table api_key add column last_used_at timestamptz;
