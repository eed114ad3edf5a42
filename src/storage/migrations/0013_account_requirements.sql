-- What else an account needs before it may log in; nothing, as before.
update workspace set settings = '{"accountRequirements": {}}'::jsonb || settings;
