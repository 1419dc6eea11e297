/** The seed's defaults, where the caller names neither. */
export const defaultNamespace = 'default';
export const defaultImage = 'docker:24-dind';

/** The one container of a job's pod. */
export const containerName = 'buildx-container';

const prefix = 'pr-job-';
const millisecondDigits = 13;
const longestJobName = 63;

/** What of a Job's name is left for `name` beside `pr-job-`, a dash and the time: 42 characters. */
export const longestName = longestJobName - prefix.length - 1 - millisecondDigits;

export interface PrJobNames {
  readonly serviceAccount: string;
  readonly role: string;
  readonly roleBinding: string;
}

/** The objects that all Jobs of one name share. */
export function prJobNames(name: string): PrJobNames {
  return {
    serviceAccount: `${name}-buildx-sa`,
    role: `${name}-buildx-role`,
    roleBinding: `${name}-buildx-rolebinding`,
  };
}

/** `pr-job-{name}-{ms}`; `ms`: since 1970, or any number of that length; always written with 13 digits, by which names are recognised. */
export function jobNameAt(name: string, ms: number): string {
  return `${prefix}${name}-${String(ms).padStart(millisecondDigits, '0')}`;
}

/** Whether a Job, or a builder that is called like its Job, is one of this name: `pr-job-a-b-…` is none of `a`. */
export function isJobNameOf(name: string, text: string): boolean {
  const start = `${prefix}${name}-`;
  return text.startsWith(start) && /^\d{13}$/.test(text.slice(start.length));
}

/** The name whose Job is called like this. Undefined: no Job of ours is. */
export function nameInJobName(text: string | undefined): string | undefined {
  return /^pr-job-(.+)-\d{13}$/.exec(text ?? '')?.[1];
}

/** The Secret with a job's repository token and registry credentials, if it has any. */
export function repositorySecretName(jobName: string): string {
  return `${jobName}-repository`;
}
