import type { DeploymentStatus, EnvironmentStatus } from '@ephemera/model';
import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';

/** The tables as Kysely sees them: the columns of `migrations/`, in camel case. */
export interface Tables {
  instance: { id: string };
  users: UsersTable;
  environments: EnvironmentsTable;
  deployments: DeploymentsTable;
  events: EventsTable;
  reports: ReportsTable;
  ledger: LedgerTable;
  deliveries: DeliveriesTable;
  work: WorkTable;
  installations: InstallationsTable;
  githubWrites: GithubWritesTable;
  repositories: RepositoriesTable;
  sweeps: SweepsTable;
  apiTokens: ApiTokensTable;
  prJobNames: PrJobNamesTable;
  prJobRequests: PrJobRequestsTable;
  prJobEvents: PrJobEventsTable;
  oidcUses: OidcUsesTable;
  sandboxes: SandboxesTable;
  sandboxRequests: SandboxRequestsTable;
}

type OptionalTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
type Optional<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;
/** Filled by the database when the row is made. */
type Stamp = ColumnType<Date, Date | string | undefined, Date | string>;

interface UsersTable {
  id: GeneratedAlways<number>;
  githubId: number;
  githubLogin: string;
  email: Optional<string>;
  avatarUrl: Optional<string>;
  isActive: Generated<boolean>;
  createdAt: Stamp;
  updatedAt: Stamp;
}

interface EnvironmentsTable {
  id: GeneratedAlways<number>;
  repositoryId: number;
  repositoryFullName: string;
  repositoryName: string;
  prNumber: number;
  generation: number;
  prTitle: Optional<string>;
  branchName: string;
  isFork: boolean;
  commitSha: string;
  namespace: string;
  host: string;
  environmentUrl: string;
  status: Generated<EnvironmentStatus>;
  installationId: number;
  ownerId: number;
  wantedState: Generated<'open' | 'closed'>;
  wantedSha: string;
  merged: Generated<boolean>;
  held: Generated<boolean>;
  reason: Optional<string>;
  errorMessage: Optional<string>;
  destroyingSince: OptionalTime;
  lastDeployedAt: OptionalTime;
  createdAt: Stamp;
  updatedAt: Stamp;
  destroyedAt: OptionalTime;
}

interface DeploymentsTable {
  id: GeneratedAlways<number>;
  environmentId: number;
  commitSha: string;
  commitMessage: Optional<string>;
  status: Generated<DeploymentStatus>;
  startedAt: OptionalTime;
  completedAt: OptionalTime;
  errorMessage: Optional<string>;
  logs: Optional<string>;
  createdAt: Stamp;
  updatedAt: Stamp;
}

interface EventsTable {
  id: GeneratedAlways<number>;
  environmentId: number;
  at: Stamp;
  kind: 'status' | 'step' | 'note';
  name: string;
  commitSha: string;
  message: Optional<string>;
}

interface ReportsTable {
  repositoryId: number;
  prNumber: number;
  commentId: Optional<number>;
  lastEventId: Generated<number>;
  lastStatus: Optional<string>;
  checkRunId: Optional<number>;
  checkRunSha: Optional<string>;
  lastComment: Optional<string>;
  lastCheckRun: Optional<string>;
  refused: Generated<string[]>;
}

interface LedgerTable {
  id: GeneratedAlways<number>;
  environmentId: number;
  apiVersion: string;
  kind: string;
  namespace: Optional<string>;
  name: string;
  uid: Optional<string>;
  intendedAt: Stamp;
  createdAt: OptionalTime;
  goneAt: OptionalTime;
}

interface DeliveriesTable {
  deliveryId: string;
  event: string;
  action: Optional<string>;
  repositoryId: Optional<number>;
  repositoryFullName: Optional<string>;
  prNumber: Optional<number>;
  installationId: Optional<number>;
  outcome: 'accepted' | 'ignored' | 'refused';
  reason: Optional<string>;
  times: Generated<number>;
  receivedAt: Stamp;
}

interface WorkTable {
  kind: WorkKind;
  key: string;
  wanted: Generated<number>;
  dueAt: Stamp;
  leaseOwner: Optional<string>;
  leaseUntil: OptionalTime;
  epoch: Generated<number>;
  attempts: Generated<number>;
  lastError: Optional<string>;
  fairKey: Generated<string>;
  fairAuthor: Generated<string>;
  waitingSince: Stamp;
  notBefore: OptionalTime;
  parkedAt: OptionalTime;
  hint: ColumnType<WorkHint | null, string | null | undefined, string | null>;
}

interface InstallationsTable {
  id: number;
  account: Optional<string>;
  state: Generated<'active' | 'suspended' | 'removed'>;
  /** As GitHub names them: `{ "checks": "write", … }`. */
  permissions: ColumnType<Readonly<Record<string, string>> | null, string | null | undefined, string | null>;
  pausedUntil: OptionalTime;
  pausedBecause: Optional<string>;
  sweptAt: OptionalTime;
  createdAt: Stamp;
  updatedAt: Stamp;
}

interface GithubWritesTable {
  installationId: number;
  at: Stamp;
}

interface RepositoriesTable {
  id: number;
  installationId: number;
  fullName: string;
  missingSince: OptionalTime;
  sweptAt: OptionalTime;
  updatedAt: Stamp;
}

interface SweepsTable {
  id: GeneratedAlways<number>;
  askedBy: 'schedule' | 'person';
  dryRun: Generated<boolean>;
  state: Generated<'waiting' | 'running' | 'done' | 'failed'>;
  complete: Optional<boolean>;
  capped: Generated<boolean>;
  findings: ColumnType<readonly SweepFinding[], string | undefined, string>;
  error: Optional<string>;
  askedAt: Stamp;
  startedAt: OptionalTime;
  finishedAt: OptionalTime;
}

interface ApiTokensTable {
  id: GeneratedAlways<number>;
  name: string;
  prefix: string;
  hash: Buffer;
  scopes: string[];
  /** `owner/name#id` in lower case, or the name alone while no repository here has it. */
  repositories: Optional<string[]>;
  namespaces: Optional<string[]>;
  /** Patterns, `*` standing for any text. */
  images: Optional<string[]>;
  createdAt: Stamp;
  expiresAt: OptionalTime;
  lastUsedAt: OptionalTime;
  revokedAt: OptionalTime;
}

interface PrJobNamesTable {
  /** Empty for the server's own cluster. */
  cluster: string;
  namespace: string;
  name: string;
  repositoryId: Optional<number>;
  repositoryFullName: Optional<string>;
  claimedBy: string;
  claimedAt: Stamp;
  usedAt: Stamp;
  sweptAt: OptionalTime;
  problem: Optional<string>;
}

interface PrJobRequestsTable {
  caller: string;
  keyHash: Buffer;
  requestHash: Buffer;
  cluster: string;
  namespace: string;
  name: string;
  jobName: string;
  answer: ColumnType<unknown, string | null | undefined, string | null>;
  requestedAt: Stamp;
}

interface PrJobEventsTable {
  id: GeneratedAlways<number>;
  at: Stamp;
  caller: string;
  action: 'create' | 'status' | 'logs' | 'cleanup' | 'sweep';
  outcome: 'done' | 'refused' | 'failed';
  cluster: string;
  /** As the caller has named it. */
  clusterName: Optional<string>;
  namespace: string;
  name: string;
  jobName: Optional<string>;
  repositoryId: Optional<number>;
  code: Optional<string>;
  message: Optional<string>;
}

interface OidcUsesTable {
  issuer: string;
  jti: string;
  purpose: Buffer;
  isOver: ColumnType<boolean, boolean | undefined, boolean>;
  expiresAt: ColumnType<Date, Date | string, Date | string>;
}

interface SandboxesTable {
  id: string;
  account: string;
  madeBy: string;
  namespace: string;
  name: Optional<string>;
  image: string;
  readyAt: OptionalTime;
  settlesAt: ColumnType<Date, Date | string, Date | string>;
  expiresAt: ColumnType<Date, Date | string, Date | string>;
  endedAt: OptionalTime;
  createdAt: Stamp;
}

interface SandboxRequestsTable {
  account: string;
  keyHash: Buffer;
  requestHash: Buffer;
  sandboxId: string;
  answer: ColumnType<unknown, string | null | undefined, string | null>;
  requestedAt: Stamp;
}

export type WorkKind = 'pull-request' | 'environment' | 'report' | 'repository' | 'installation' | 'sweep';

/** One thing that a sweep found, and what was done about it. */
export interface SweepFinding {
  /**
   * For example `missed_close`, `missed_open`, `orphan_namespace`, `foreign_object`, `edited_object`, `left_by_pr_job`, `stuck_pr_job`,
   * `orphan_pr_job`, `waiting_pr_jobs`, `expired_sandbox`, `revoked_sandbox`, `unfinished_sandbox`, `orphan_sandbox`, `stuck_sandbox`, `unreadable`.
   */
  readonly kind: string;
  /** What it is about, for example `acme/shop#12`, `Namespace//pr-12-shop-…` or `pr-job builds/shop-12`. */
  readonly subject: string;
  readonly environmentId?: number | undefined;
  /** `enqueued`: looked at again at once. `reported`: only told. `capped`: left for the next pass, as this one has removed enough. */
  readonly action: 'enqueued' | 'removed' | 'reported' | 'capped';
  readonly detail: string;
}

/** Where to ask about a pull request that has no row yet. Never what is true of it: that is read from GitHub. */
export interface WorkHint {
  readonly installationId: number;
  readonly repositoryFullName: string;
}

export type Environment = Selectable<EnvironmentsTable>;
export type Deployment = Selectable<DeploymentsTable>;
export type TimelineEvent = Selectable<EventsTable>;
export type LedgerEntry = Selectable<LedgerTable>;
export type Installation = Selectable<InstallationsTable>;
export type Repository = Selectable<RepositoriesTable>;
export type Sweep = Selectable<SweepsTable>;
export type ApiToken = Selectable<ApiTokensTable>;
export type WorkRow = Selectable<WorkTable>;
export type PrJobEvent = Selectable<PrJobEventsTable>;
export type SandboxRow = Selectable<SandboxesTable>;
