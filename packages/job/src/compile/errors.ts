import { defineError } from '@ephemera/model';

/** One thing that is wrong with a manifest. */
export interface Problem {
  /** For example `spec.volumeMounts[1].mountPath`, with camelCase keys; empty for the manifest as a whole. */
  readonly path: string;
  /** What is there, as short JSON; `(hidden)` where it may be a secret. Missing where nothing is there. */
  readonly value?: string;
  /** What is wrong, to be read after the path: `is not a whole number`. */
  readonly problem: string;
  /** What to write instead: a sentence. */
  readonly fix: string;
}

/** The text itself is not one YAML or JSON document. Lines and columns count from 1. */
export const ManifestUnreadable = defineError<{
  source: string;
  problem: string;
  fix: string;
  line?: number;
  column?: number;
}>({
  code: 'job.manifest_unreadable',
  retryable: false,
  message: ({ source, problem, line, column }) => `${source}${placeOf(line, column)}: ${problem}.`,
  hint: ({ fix }) => fix,
});

/** `setting` is the path of the setting, or its place in the list (`2 of --set`); never its value, which may be a secret. */
export interface BadSetting {
  readonly setting: string;
  readonly problem: string;
  readonly fix: string;
}

/** `others`: the settings beside the first that cannot be used either. */
export const SetInvalid = defineError<BadSetting & { readonly others?: readonly BadSetting[] }>({
  code: 'job.set_invalid',
  retryable: false,
  message: ({ setting, problem, others }) => `The setting ${setting} ${problemsOf(problem, others)}.`,
  hint: ({ fix, others }) => `${fix}${otherFixes(fix, others)}`,
});

/** `more`: how many problems there are beyond those that are listed. */
export const JobInvalid = defineError<{ problems: readonly Problem[]; more?: number }>({
  code: 'job.invalid',
  retryable: false,
  message: ({ problems, more }) => `The KubernetesJob has ${listOf(problems, more)}`,
  hint: 'The reference of the manifest says what each field takes; `ephemera job schema` prints it for editors.',
});

/** `problem` never quotes the content: all of it is credentials. */
export const DockerConfigInvalid = defineError<{ problem: string }>({
  code: 'job.docker_config_invalid',
  retryable: false,
  message: ({ problem }) => `The Docker credentials cannot be used: ${problem}.`,
  hint: 'Give the text of a config.json with "auths", as `kubectl create secret docker-registry` makes it; a credential helper cannot be used from a cluster.',
});

/** Each setting in a sentence of its own; the full stop of the last is in the message. */
function problemsOf(problem: string, others: readonly BadSetting[] = []): string {
  return [problem, ...others.map((other) => `The setting ${other.setting} ${other.problem}`)].join('.\n');
}

/** What else there is to do, each once. */
function otherFixes(fix: string, others: readonly BadSetting[] = []): string {
  const more = new Set(others.map((other) => other.fix));
  more.delete(fix);
  return Array.from(more, (text) => ` ${text}`).join('');
}

function lineOf({ path, value, problem, fix }: Problem): string {
  return `- ${path === '' ? 'the manifest' : path}${shown(value)} ${problem}. ${fix}`;
}

function shown(value: string | undefined): string {
  if (value === undefined) return '';
  return value.startsWith('(') ? ` ${value}` : ` (${value})`;
}

function listOf(problems: readonly Problem[], more = 0): string {
  const count = problems.length + more;
  const lines = problems.map(lineOf);
  return [
    `${count === 1 ? 'a problem' : `${count} problems`}:`,
    ...lines,
    ...(more > 0 ? [`and ${more} more.`] : []),
  ].join('\n');
}

function placeOf(line: number | undefined, column = 1): string {
  return line === undefined ? '' : `, line ${line}, column ${column}`;
}
