-- Devices of people, for messages to them. A row stays with the profile it was linked to: reads follow merges. A device is on one
-- profile at a time; the write path sees to that, because a unique key without profile_id could not be spread over machines.
create table device (
  workspace_id integer not null,
  profile_id bigint not null,
  device_id text collate "C" not null,
  origin_profile_id bigint not null,
  registration_id text not null,
  type text collate "C" not null check (type in ('android', 'ios', 'windows')),
  bluetooth_address text,
  mac_address text,
  manufacturer text,
  model text,
  os_version text,
  product text,
  screen_height integer,
  screen_width integer,
  public_key text,
  linked_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, profile_id, device_id)
);
create index device_id on device (workspace_id, device_id);
