-- Pull-request pod jobs: whose name is whose, what a repeated request is answered with, and who did what.

alter table api_tokens
  -- Images that its jobs may run, `*` standing for any text. Null: whatever the server allows.
  add column images text[];

-- A name in use in one namespace of one cluster. Written before anything is created, removed when nothing is left of it: the sweep goes by
-- these rows. A name belongs to one repository at most, so that nobody reaches the jobs of another one by using its names.
create table pr_job_names (
  -- As the caller names it; empty for the server's own cluster.
  cluster text not null,
  namespace text not null,
  name text not null,
  -- Null: made by a caller who is not narrowed to repositories.
  repository_id bigint,
  repository_full_name text,
  claimed_by text not null,
  claimed_at timestamptz not null default now(),
  -- When a create last touched it: what is being made right now is not taken for left behind.
  used_at timestamptz not null default now(),
  -- When a pass last had it in its turn; null: not yet. Those that have waited longest come first.
  swept_at timestamptz,
  -- What the last look could not remove, and why.
  problem text,
  primary key (cluster, namespace, name)
);

-- One row per Idempotency-Key of a caller, for 24 hours. The name of the Job is chosen with the row, so that whoever repeats the request,
-- also after a crash or at the same moment, makes the same Job.
create table pr_job_requests (
  caller text not null,
  key_hash bytea not null,
  -- Of what was asked for: the same key with another request is a mistake of the caller.
  request_hash bytea not null,
  cluster text not null,
  namespace text not null,
  name text not null,
  job_name text not null,
  -- The answer, once the Job is known to have been made. Given again even when the Job is gone by then.
  answer jsonb,
  requested_at timestamptz not null default now(),
  primary key (caller, key_hash),
  unique (cluster, namespace, job_name)
);
create index pr_job_requests_requested on pr_job_requests (requested_at);

-- Who asked for what, and what became of it. The answer to "who deleted my job?".
create table pr_job_events (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- `token NAME`, `acme/shop (GitHub Actions run 42)` or `sweep`.
  caller text not null,
  action text not null check (action in ('create', 'status', 'logs', 'cleanup', 'sweep')),
  outcome text not null check (outcome in ('done', 'refused', 'failed')),
  cluster text not null,
  -- As the caller has named it, for people: the column above is what the cluster says of who it is.
  cluster_name text,
  namespace text not null,
  name text not null,
  job_name text,
  repository_id bigint,
  -- The code of the error, and what happened in words. Never a secret, never more than 1,000 characters.
  code text,
  message text
);
create index pr_job_events_name on pr_job_events (namespace, name, id desc);
create index pr_job_events_at on pr_job_events (at);
-- Whether somebody’s look was recorded within the hour.
create index pr_job_events_looks on pr_job_events (caller, action, outcome, at);

-- Tokens of GitHub Actions that have changed something: each does so once. Kept until they have expired.
create table oidc_uses (
  issuer text not null,
  jti text not null,
  -- What it was used for: the same request again, as after a lost answer, is the same use.
  purpose bytea not null,
  -- Nothing more may come of it: the same request again changes nothing.
  is_over boolean not null default false,
  expires_at timestamptz not null,
  primary key (issuer, jti)
);
create index oidc_uses_expires on oidc_uses (expires_at);
