/** Runs KubernetesJobs on a cluster: apply, follow, explain, delete. With everything of the compiler. */
export * from '../compile/index.ts';
export { deleteJob, type DeleteOptions, type Deletion } from './delete-job.ts';
export * as jobRunErrors from './errors.ts';
export type { FailedEnd, JobFate } from './follow/fate.ts';
export { followJob, type FollowOptions, type JobEvent } from './follow/follow-job.ts';
export { isWaitForRoom } from './follow/start-decision.ts';
export { jobLogs, type JobLogLine, type JobLogsOptions } from './job-logs.ts';
export { jobOwner, jobRefOf, type JobRef } from './job-ref.ts';
export { explainedStatus, jobStatus } from './job-status.ts';
export { startPauses, type Patience, type Pauses } from './patience.ts';
export { runJob, type RunOptions, type StartedJob } from './run-job.ts';
export { statusOf, type JobState, type JobStatus } from './status-of.ts';
export { resumeJob, suspendJob } from './suspend-job.ts';
export { watchJobs, type WatchJobsOptions } from './watch-jobs.ts';
