import { defineError, EphemeraError, messageOf } from '@ephemera/model';
import type { Problem } from '@ephemera/job/compile';

/** None of the four sources of the stack input has a value. */
export const StackInputMissing = defineError<object>({
  code: 'pulumi.stack_input_missing',
  retryable: false,
  message: () =>
    'There is no stack input: neither the configuration key planton-cloud:stack-input nor one of the environment variables STACK_INPUT, STACK_INPUT_YAML and STACK_INPUT_YAML_FILE is set.',
  hint: 'For example: export STACK_INPUT=$(cat ../hack/manifest.yaml | base64)',
});

/** A source has a value that is not text. `problem` never quotes the value: it may hold secrets. */
export const StackInputUnreadable = defineError<{ source: string; problem: string; fix: string }>({
  code: 'pulumi.stack_input_unreadable',
  retryable: false,
  message: ({ source, problem }) => `The stack input of ${source} ${problem}.`,
  hint: ({ fix }) => fix,
});

/** All that is wrong with a stack input, at once. Paths start at the stack input, so those of the job start with `target.`. */
export const StackInputInvalid = defineError<{ source: string; problems: readonly Problem[] }>({
  code: 'pulumi.stack_input_invalid',
  retryable: false,
  message: ({ source, problems }) => `The stack input of ${source} has ${listOf(problems)}`,
  hint: 'A stack input is a KubernetesJob, or has it as `target`, beside provider_config, kubernetes_namespace and docker_config_json.',
});

function listOf(problems: readonly Problem[]): string {
  return [`${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`, ...problems.map(lineOf)].join(
    '\n',
  );
}

function lineOf({ path, value, problem, fix }: Problem): string {
  return `- ${path === '' ? 'the stack input' : path}${shown(value)} ${problem}. ${fix}`;
}

/** The compiler writes what is hidden, or a remark, in parentheses of its own. */
function shown(value: string | undefined): string {
  if (value === undefined) return '';
  return value.startsWith('(') ? ` ${value}` : ` (${value})`;
}

/** The provider_config asks for a way to a cluster that the module has not got. */
export const ProviderUnsupported = defineError<{ kind: string }>({
  code: 'pulumi.provider_unsupported',
  retryable: false,
  message: ({ kind }) => `provider_config asks for ${kind}, which the module does not support.`,
  hint: 'Give the kubeconfig itself: provider_config.kubeconfig (its text) and provider_config.context.',
});

/** The provider_config cannot be used, or speaks of another cluster than the target. Never quotes the kubeconfig. */
export const ProviderConfigInvalid = defineError<{ problem: string; fix: string }>({
  code: 'pulumi.provider_config_invalid',
  retryable: false,
  message: ({ problem }) => `provider_config cannot be used: ${problem}.`,
  hint: ({ fix }) => fix,
});

/** An output of another resource stands where a plain value is needed to know which objects there are. */
export const OutputNotAllowed = defineError<{ paths: readonly string[] }>({
  code: 'pulumi.output_not_allowed',
  retryable: false,
  message: ({ paths }) =>
    `These arguments must be plain values, since they decide which objects there are: ${paths.join(', ')}.`,
  hint: 'Outputs are fine for the namespace, images, commands, values of variables and secrets, contents of ConfigMaps and names of volume sources.',
});

/** An output turned out to be a value that changes which fields there are, which was decided before it was known. */
export const OutputChangesObjects = defineError<{ paths: readonly string[] }>({
  code: 'pulumi.output_changes_objects',
  retryable: false,
  message: ({ paths }) => `The value of ${paths.join(', ')} would change which objects or fields there are.`,
  hint: 'Leave the argument out where it has no value, or make it a plain value.',
});

/** Something failed on the way: what was being done, and why it failed. */
export const StepFailed = defineError<{ doing: string; reason: string; advice?: string }>({
  code: 'pulumi.step_failed',
  retryable: false,
  message: ({ doing, reason }) => `${doing}: ${reason}`,
  hint: ({ advice }) => advice ?? 'What was made before is in the state of the stack: `pulumi destroy` removes it.',
});

/** Runs one step; what it throws says afterwards what was being done. */
export function doing<Result>(what: string, step: () => Result): Result {
  try {
    return step();
  } catch (cause) {
    const advice = cause instanceof EphemeraError ? cause.hint : undefined;
    throw new StepFailed({ doing: what, reason: messageOf(cause), ...(advice !== undefined && { advice }) }, { cause });
  }
}
