import { EphemeraError } from '@ephemera/model';
import { parseJob, type ParseOptions, type Problem } from '../src/compile/index.ts';

type Values = Readonly<Record<string, unknown>>;

/** A manifest as users write it, with nothing but what is required; changed by what is given. A field that is undefined is left out. */
export function manifest(spec: object = {}, metadata: object = {}): Values & { readonly spec: Values } {
  return {
    apiVersion: 'kubernetes.project-planton.org/v1',
    kind: 'KubernetesJob',
    metadata: { name: 'nightly', ...metadata },
    spec: withoutUndefined({ namespace: 'batch', image: { repo: 'busybox', tag: '1' }, ...spec }),
  };
}

/** One mount of an empty folder, changed by what is given. */
export function mount(fields: object = {}): Values {
  return withoutUndefined({ name: 'data', mountPath: '/data', emptyDir: {}, ...fields });
}

/** What is wrong with a manifest; empty when it is taken. */
export function problemsOf(value: unknown, options?: ParseOptions): readonly Problem[] {
  try {
    parseJob(value, options);
    return [];
  } catch (error) {
    if (error instanceof EphemeraError && error.code === 'job.invalid') return error.details['problems'] as Problem[];
    throw error;
  }
}

/** `path problem` of each, for tests that do not look at the fix. */
export function briefly(value: unknown, options?: ParseOptions): readonly string[] {
  return problemsOf(value, options).map(({ path, problem }) => `${path} ${problem}`);
}

function withoutUndefined(values: object): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
