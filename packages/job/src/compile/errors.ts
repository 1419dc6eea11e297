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

/** `setting` is the path of the setting, or its place in the list; never its value, which may be a secret. */
export const SetInvalid = defineError<{ setting: string; problem: string; fix: string }>({
  code: 'job.set_invalid',
  retryable: false,
  message: ({ setting, problem }) => `The setting ${setting} ${problem}.`,
  hint: ({ fix }) => fix,
});

export const JobInvalid = defineError<{ problems: readonly Problem[] }>({
  code: 'job.invalid',
  retryable: false,
  message: ({ problems }) => `The KubernetesJob has ${listOf(problems)}`,
  hint: 'The reference of the manifest says what each field takes; `ephemera job schema` prints it for editors.',
});

function lineOf({ path, value, problem, fix }: Problem): string {
  return `- ${path === '' ? 'the manifest' : path}${shown(value)} ${problem}. ${fix}`;
}

function shown(value: string | undefined): string {
  if (value === undefined) return '';
  return value.startsWith('(') ? ` ${value}` : ` (${value})`;
}

function listOf(problems: readonly Problem[]): string {
  return [`${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`, ...problems.map(lineOf)].join(
    '\n',
  );
}

function placeOf(line: number | undefined, column = 1): string {
  return line === undefined ? '' : `, line ${line}, column ${column}`;
}
