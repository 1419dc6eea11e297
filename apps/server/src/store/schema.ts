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
  kind: 'status' | 'step';
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
  hint: ColumnType<WorkHint | null, string | null | undefined, string | null>;
}

export type WorkKind = 'pull-request' | 'environment' | 'report';

/** Where to ask about a pull request that has no row yet. Never what is true of it: that is read from GitHub. */
export interface WorkHint {
  readonly installationId: number;
  readonly repositoryFullName: string;
}

export type Environment = Selectable<EnvironmentsTable>;
export type Deployment = Selectable<DeploymentsTable>;
export type TimelineEvent = Selectable<EventsTable>;
export type LedgerEntry = Selectable<LedgerTable>;
export type WorkRow = Selectable<WorkTable>;
