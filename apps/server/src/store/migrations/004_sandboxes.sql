-- Sandboxes: whose each is, how many there are, and what a repeated request is answered with.

-- Written before anything is made in the cluster, removed when nothing is left of it: nobody reaches a sandbox without a row, and the sweep
-- finds by these rows what a server has begun and not ended.
create table sandboxes (
  -- Also the name of its Job.
  id text primary key,
  -- `Caller.account`: nobody else hears of it.
  account text not null,
  -- For people, as `token ci`.
  made_by text not null,
  namespace text not null,
  -- Of the caller’s, by which it finds it again. One account has one living sandbox of a name.
  name text,
  image text not null,
  -- Null: it is being made.
  ready_at timestamptz,
  -- Moved on by whoever makes it; once it is over, its maker is dead.
  settles_at timestamptz not null,
  expires_at timestamptz not null,
  -- When it was seen to have ended before its time; it counts no more.
  ended_at timestamptz,
  created_at timestamptz not null default now()
);
create index sandboxes_account on sandboxes (account, created_at);

-- One row per Idempotency-Key of a caller, for 24 hours.
create table sandbox_requests (
  account text not null,
  key_hash bytea not null,
  -- Of what was asked for: the same key with another request is a mistake of the caller.
  request_hash bytea not null,
  sandbox_id text not null,
  -- The answer, once it is known to have been made. Given again even when the sandbox is gone by then.
  answer jsonb,
  requested_at timestamptz not null default now(),
  primary key (account, key_hash)
);
create index sandbox_requests_requested on sandbox_requests (requested_at);
