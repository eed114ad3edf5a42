-- What a flush brought, by reference: the live stream reads the rows themselves only for those who listen.
alter table ingest_batch add column items json not null default '{"labels":[],"items":[]}';
-- Written once and read within minutes: compressing it would cost the write path more than the space is worth.
alter table ingest_batch alter column items set storage external;
