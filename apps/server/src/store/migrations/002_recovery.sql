-- What lets the server find out by itself what it was never told, wait as long as it is asked to, and be called to account.

alter table work
  -- Since when it waits: set when it is enqueued while nothing was waiting.
  add column waiting_since timestamptz not null default now(),
  -- What the other side asked for (Retry-After), or what a budget allows. A new event does not make it due any earlier.
  add column not_before timestamptz,
  -- Failed in a way that trying again does not heal. It stays, so that it can be seen, and waits for the next event.
  add column parked_at timestamptz,
  -- The second measure of fairness: the account behind the event, as `fair_key` is its repository.
  add column fair_author text not null default '',
  drop constraint work_kind_check,
  add check (kind in ('pull-request', 'environment', 'report', 'repository', 'installation', 'sweep'));
create index work_leased on work (lease_until) where lease_owner is not null;

alter table environments
  -- Destroyed by hand while the pull request is open: nothing brings it back but a push, a reopen or a retry.
  add column held boolean not null default false;

-- `note`: something that people should know and that changes no state.
alter table events
  drop constraint events_kind_check,
  add check (kind in ('status', 'step', 'note'));
-- A namespace that is made again passes its steps again; the code records a step once for each time that the steps are begun.
drop index events_step_once;

alter table reports
  add column check_run_id bigint,
  add column check_run_sha text,
  -- What the comment and the check run said last, as hashes: what is the same is not written again.
  add column last_comment text,
  add column last_check_run text,
  -- Ways of telling that GitHub refuses for want of a permission: `statuses`, `checks`, `issues`.
  add column refused text[] not null default '{}';

-- Where the App is installed, as GitHub said last.
create table installations (
  id bigint primary key,
  account text,
  state text not null default 'active' check (state in ('active', 'suspended', 'removed')),
  permissions jsonb,
  -- GitHub asked to be left alone until then: one limit for all work of the installation.
  paused_until timestamptz,
  paused_because text,
  swept_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- Earlier environments know their installations.
insert into installations (id) select distinct installation_id from environments;

-- Every content-creating call of the last hour, so that several servers share one budget.
create table github_writes (
  installation_id bigint not null,
  at timestamptz not null default clock_timestamp()
);
create index github_writes_installation on github_writes (installation_id, at);

-- Takes one write if both windows have one left, else says which has none and for how many milliseconds. Windows slide: one is full while
-- the write that fills it, counted from the newest, is inside. A function, as it needs the lock before it looks, in one round trip: the
-- lock of an installation is held for no longer than this takes.
create function take_github_write(
  installation bigint, per_minute integer, per_hour integer, moment timestamptz,
  out spent text, out wait_ms double precision
) language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('ephemera github writes ' || installation, 0));
  moment := coalesce(moment, clock_timestamp());
  delete from github_writes where installation_id = installation and at <= moment - interval '1 hour';
  spent := 'hour';
  select extract(epoch from at + interval '1 hour' - moment) * 1000 into wait_ms
    from github_writes where installation_id = installation order by at desc offset per_hour - 1 limit 1;
  if wait_ms > 0 then return; end if;
  spent := 'minute';
  select extract(epoch from at + interval '1 minute' - moment) * 1000 into wait_ms
    from github_writes where installation_id = installation order by at desc offset per_minute - 1 limit 1;
  if wait_ms > 0 then return; end if;
  spent := null;
  wait_ms := null;
  insert into github_writes (installation_id, at) values (installation, moment);
end $$;

-- Repositories that have or had environments. One that GitHub does not show is gone only after a grace.
create table repositories (
  id bigint primary key,
  installation_id bigint not null,
  full_name text not null,
  missing_since timestamptz,
  swept_at timestamptz,
  updated_at timestamptz not null default now()
);
insert into repositories (id, installation_id, full_name)
  select distinct on (repository_id) repository_id, installation_id, repository_full_name
  from environments order by repository_id, id desc;

-- Every pass over pull requests and namespaces, with what it found.
create table sweeps (
  id integer generated always as identity primary key,
  asked_by text not null check (asked_by in ('schedule', 'person')),
  dry_run boolean not null default false,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  -- False: something could not be read to its end, so nothing was concluded from it.
  complete boolean,
  -- True: it would have removed more than one pass may.
  capped boolean not null default false,
  findings jsonb not null default '[]',
  error text,
  asked_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);

-- Only a hash is kept: who reads the database cannot speak to the API.
create table api_tokens (
  id integer generated always as identity primary key,
  name text not null,
  -- The first characters, by which a person knows a token again.
  prefix text not null,
  hash bytea not null unique,
  scopes text[] not null,
  -- Null: all of them. A repository is its name and id, `acme/shop#42`; the name alone while no repository of that name is known.
  repositories text[],
  namespaces text[],
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create unique index api_tokens_one_name on api_tokens (name) where revoked_at is null;
