import { EphemeraError } from '@ephemera/model';
import { ExitCode } from '@stricli/core';

/** What every command ends with; see `docs/reference/exit-codes.md`. */
export const exitCodes = {
  fine: 0,
  failed: 1,
  badInput: 2,
  refused: 3,
  deadline: 7,
  interrupted: 130,
  outputClosed: 141,
} as const;

const byCode: Readonly<Record<string, number>> = {
  'settings.invalid': exitCodes.badInput,
  'cli.bad_input': exitCodes.badInput,
  'cli.env_file_unusable': exitCodes.badInput,
  'token.invalid': exitCodes.badInput,
  'token.name_taken': exitCodes.badInput,
  'token.not_found': exitCodes.badInput,
  'github.private_key_invalid': exitCodes.badInput,
  'github.unreachable': exitCodes.refused,
  'github.unavailable': exitCodes.refused,
  'github.incomplete': exitCodes.refused,
  'github.rate_limited': exitCodes.refused,
  'github.unauthorized': exitCodes.refused,
  'github.forbidden': exitCodes.refused,
  'github.permission_missing': exitCodes.refused,
  'github.suspended': exitCodes.refused,
  'github.not_found': exitCodes.refused,
  'kube.kubeconfig_invalid': exitCodes.badInput,
  'local_cluster.name_invalid': exitCodes.badInput,
  'local_cluster.block_invalid': exitCodes.badInput,
  'kube.no_cluster': exitCodes.refused,
  'database.unreachable': exitCodes.refused,
  'database.in_use': exitCodes.refused,
  'database.being_restored': exitCodes.refused,
  'database.newer': exitCodes.refused,
  'database.upgrade_pending': exitCodes.refused,
  'database.not_empty': exitCodes.badInput,
  'backup.nothing_there': exitCodes.badInput,
  'backup.unusable': exitCodes.badInput,
  'backup.newer': exitCodes.badInput,
  'kube.unreachable': exitCodes.refused,
  'kube.unauthenticated': exitCodes.refused,
  'kube.credentials_unavailable': exitCodes.refused,
  'kube.forbidden': exitCodes.refused,
  'kube.foreign': exitCodes.refused,
  'kube.quota_exceeded': exitCodes.refused,
  'kube.admission_denied': exitCodes.refused,
  'kube.invalid': exitCodes.refused,
  'kube.conflict': exitCodes.refused,
  'kube.terminating': exitCodes.refused,
  'kube.throttled': exitCodes.refused,
  'kube.unavailable': exitCodes.refused,
  'kube.unknown_kind': exitCodes.refused,
  'kube.deadline_exceeded': exitCodes.deadline,
  'job.manifest_unreadable': exitCodes.badInput,
  'job.set_invalid': exitCodes.badInput,
  'job.invalid': exitCodes.badInput,
  'job.docker_config_invalid': exitCodes.badInput,
  'job.immutable': exitCodes.refused,
  'job.namespace_missing': exitCodes.refused,
  'job.namespace_taken': exitCodes.refused,
  'job.left_behind': exitCodes.refused,
  'job.delete_deadline': exitCodes.deadline,
  'pr_job.invalid': exitCodes.badInput,
  'pr_job.not_found': exitCodes.refused,
  'pr_job.cluster_unknown': exitCodes.refused,
  'pr_job.namespace_missing': exitCodes.refused,
  'pr_job.foreign_secrets': exitCodes.refused,
  'pr_job.readable': exitCodes.refused,
  'pr_job.unguarded': exitCodes.refused,
  'pr_job.name_in_use': exitCodes.refused,
  'pr_job.unfinished': exitCodes.refused,
  'cli.pr_job_unknown': exitCodes.refused,
  'cli.pr_job_missing': exitCodes.refused,
  'cli.pr_job_cleaned_up': exitCodes.refused,
  'cli.pr_job_taken': exitCodes.refused,
  'cli.pr_job_kept': exitCodes.refused,
  'cli.pr_job_cleanup_deadline': exitCodes.deadline,
  'cli.actions_token_unavailable': exitCodes.refused,
  'cluster.not_up': exitCodes.refused,
  'server.cannot_listen': exitCodes.failed,
  'server.unreachable': exitCodes.refused,
  'server.refused': exitCodes.refused,
  'server.token_refused': exitCodes.refused,
  'server.bad_input': exitCodes.badInput,
  'sweep.deadline': exitCodes.deadline,
  'demo.deadline': exitCodes.deadline,
  'setup.app_not_fetched': exitCodes.refused,
  'setup.deadline': exitCodes.deadline,
  'setup.file_exists': exitCodes.badInput,
  'setup.file_not_writable': exitCodes.badInput,
  'cli.interrupted': exitCodes.interrupted,
  'cli.output_closed': exitCodes.outputClosed,
};

export function exitCodeOf(thrown: unknown): number {
  return thrown instanceof EphemeraError ? (byCode[thrown.code] ?? exitCodes.failed) : exitCodes.failed;
}

const inputCodes: readonly number[] = [ExitCode.UnknownCommand, ExitCode.InvalidArgument];

/** stricli's own codes are negative: input that it refuses, and faults such as a command that cannot be loaded. Everything else passes. */
export function publicExitCode(code: number | string | null | undefined): number {
  const number = Number(code ?? 0);
  if (number >= 0) return number;
  return inputCodes.includes(number) ? exitCodes.badInput : exitCodes.failed;
}
