import { compileJob, type CompileOptions } from './kubernetes-job/compile-job.ts';
import type { CompiledJob } from './kubernetes-job/compiled-job.ts';
import type { KubernetesJob } from './kubernetes-job/kubernetes-job.ts';
import type { KubernetesJobManifest } from './spec/manifest-schema.ts';
import { parseJob, type ParseOptions } from './spec/parse-job.ts';

/**
 * Checks a manifest and turns it into its objects: namespace (if asked for), Secrets, ConfigMaps, Job. A job that is checked already
 * comes through unchanged.
 *
 * Throws `JobInvalid` with all problems at once.
 */
export function compile(
  manifest: KubernetesJobManifest | KubernetesJob,
  options: ParseOptions & CompileOptions = {},
): CompiledJob {
  return compileJob(parseJob(manifest, options), options);
}
