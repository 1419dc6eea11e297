import type { JobEvent, JobFate, JobLogLine } from '@ephemera/job';
import type {
  PullRequestPodCleanup,
  PullRequestPodOptions,
  PullRequestPodResult,
  PullRequestPodStatus,
} from '@ephemera/pull-request-pod';

/** All jobs of one name. */
export interface NameRef {
  readonly name: string;
  readonly namespace: string;
}

export interface JobOfName extends NameRef {
  readonly jobName: string;
}

export interface Order extends PullRequestPodOptions {
  /** Whose job it is; a server alone knows repositories. */
  readonly repositoryId?: number | undefined;
}

export interface LogsOptions {
  /** Goes on until the job has ended. */
  readonly follow: boolean;
  /** Only the last so many lines. */
  readonly tailLines: number | undefined;
  readonly signal: AbortSignal;
  readonly onLine: (line: JobLogLine) => void;
  readonly onWarning: (message: string) => void;
}

export interface CleanupOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onWaiting: (waiting: string) => void;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: JobEvent) => void;
}

/**
 * What the commands do with pull-request jobs, whichever way they go: asking a server, or on the cluster. Both ways throw typed errors
 * that end with the same exit codes.
 */
export interface PullRequestJobs extends AsyncDisposable {
  /** `namespace` and `clusterName` are those of the options; everything else speaks of the cluster that was opened. */
  create(options: Order, signal: AbortSignal): Promise<PullRequestPodResult>;
  /** The name of the newest job. Throws `cli.pr_job_unknown` when there is none. */
  newest(ref: NameRef, signal: AbortSignal): Promise<string>;
  status(ref: JobOfName, signal: AbortSignal): Promise<PullRequestPodStatus>;
  /** To the job's end, or until nothing of it can start. */
  follow(ref: JobOfName, options: FollowOptions): Promise<JobFate>;
  logs(ref: JobOfName, options: LogsOptions): Promise<void>;
  cleanup(ref: NameRef, options: CleanupOptions): Promise<PullRequestPodCleanup>;
}
