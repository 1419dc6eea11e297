-- The id that marks every cluster object of this database. Made once, never changed.
create table instance (
  id text primary key,
  created_at timestamptz not null default now(),
  only_row boolean not null default true unique check (only_row)
);

create table users (
  id integer generated always as identity primary key,
  github_id bigint not null unique,
  github_login text not null,
  email text,
  avatar_url text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index users_github_login on users (github_login);

-- One row per generation: a reopened pull request gets a new row, a new namespace and never waits for the old one.
create table environments (
  id integer generated always as identity primary key,
  repository_id bigint not null,
  repository_full_name text not null,
  repository_name text not null,
  pr_number integer not null,
  generation integer not null,
  pr_title text,
  branch_name text not null,
  is_fork boolean not null,
  -- The commit that the environment has, or is getting right now.
  commit_sha text not null,
  namespace text not null unique,
  host text not null,
  environment_url text not null,
  status text not null default 'pending'
    check (status in ('pending', 'provisioning', 'ready', 'updating', 'destroying', 'destroyed', 'failed')),
  installation_id bigint not null,
  owner_id integer not null references users (id),
  -- What GitHub said last. `closed` ends the generation and is never taken back.
  wanted_state text not null default 'open' check (wanted_state in ('open', 'closed')),
  wanted_sha text not null,
  merged boolean not null default false,
  reason text,
  error_message text,
  destroying_since timestamptz,
  last_deployed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  destroyed_at timestamptz,
  unique (repository_id, pr_number, generation)
);
create unique index environments_one_open on environments (repository_id, pr_number) where wanted_state = 'open';
create index environments_repository on environments (lower(repository_full_name), id desc);
create index environments_host on environments (host, generation desc);
create index environments_status on environments (status);

create table deployments (
  id integer generated always as identity primary key,
  environment_id integer not null references environments (id) on delete cascade,
  commit_sha text not null,
  commit_message text,
  status text not null default 'queued'
    check (status in ('queued', 'in_progress', 'success', 'failed', 'superseded')),
  started_at timestamptz,
  completed_at timestamptz,
  error_message text,
  logs text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index deployments_environment on deployments (environment_id, id desc);

-- The timeline of an environment, and what the report to GitHub is made of.
create table events (
  id bigint generated always as identity primary key,
  environment_id integer not null references environments (id) on delete cascade,
  at timestamptz not null default clock_timestamp(),
  -- `status`: the environment entered a state. `step`: one step is done for one commit.
  kind text not null check (kind in ('status', 'step')),
  name text not null,
  commit_sha text not null,
  message text
);
create index events_environment on events (environment_id, id);
-- Steps run again after a crash; their first success is the one that counts.
create unique index events_step_once on events (environment_id, commit_sha, name) where kind = 'step';

-- What GitHub was told about one pull request, over all generations.
create table reports (
  repository_id bigint not null,
  pr_number integer not null,
  comment_id bigint,
  last_event_id bigint not null default 0,
  -- The commit status that was set last: `sha state description`.
  last_status text,
  primary key (repository_id, pr_number)
);

-- What exists outside and would not go away with something else. Intent before creation, UID after it, `gone_at` when confirmed.
create table ledger (
  id bigint generated always as identity primary key,
  environment_id integer not null references environments (id),
  api_version text not null,
  kind text not null,
  namespace text,
  name text not null,
  uid text,
  intended_at timestamptz not null default now(),
  created_at timestamptz,
  gone_at timestamptz
);
create unique index ledger_one_living on ledger (environment_id, kind, name) where gone_at is null;

create table deliveries (
  delivery_id text primary key,
  event text not null,
  action text,
  repository_id bigint,
  repository_full_name text,
  pr_number integer,
  installation_id bigint,
  outcome text not null check (outcome in ('accepted', 'ignored', 'refused')),
  reason text,
  times integer not null default 1,
  received_at timestamptz not null default now()
);
create index deliveries_received on deliveries (received_at);

-- One row per (kind, key): what happens ten times before anyone looks is done once.
create table work (
  kind text not null check (kind in ('pull-request', 'environment', 'report')),
  key text not null,
  -- Counts events. Work that was enqueued again while it ran is due again when it ends.
  wanted bigint not null default 1,
  due_at timestamptz not null default now(),
  lease_owner text,
  lease_until timestamptz,
  epoch bigint not null default 0,
  attempts integer not null default 0,
  last_error text,
  fair_key text not null default '',
  hint jsonb,
  primary key (kind, key)
);
create index work_due on work (due_at);
-- From a sequence, so that a row that was deleted and enqueued anew never repeats an epoch.
create sequence work_epoch;
