import { JobInvalid, type Problem } from '../errors.ts';
import type { KubernetesJob } from '../kubernetes-job/kubernetes-job.ts';
import { complete } from './complete.ts';
import type { Finding, Path } from './finding.ts';
import { findingsOf, valueAt } from './issues.ts';
import { readKeys } from './keys.ts';
import { manifestSchema, type CheckedManifest, type LooseManifest } from './manifest-schema.ts';
import { resolveReferences, type Resolve } from './resolve.ts';
import { envRules } from './rules/env.ts';
import { metadataRules } from './rules/metadata.ts';
import { namespaceRules } from './rules/namespace.ts';
import { podRules } from './rules/pod.ts';
import { settingsRules } from './rules/settings.ts';
import { volumeMountRules } from './rules/volume-mounts.ts';
import { pathText, valueText } from './show.ts';
import { without } from './usable.ts';

export type { Reference } from './resolve.ts';

export interface ParseOptions {
  /** Gives the value of a `valueFrom`. Without it, every reference is a problem. */
  readonly resolve?: Resolve;
}

const rules = [metadataRules, namespaceRules, settingsRules, envRules, volumeMountRules, podRules];

/**
 * Checks a manifest, from YAML or from a program, and fills in its defaults. Keys may be camelCase or snake_case. A job that is complete
 * already comes out as it is.
 *
 * Throws `JobInvalid` with all problems at once; no text of it holds a literal secret. Nothing else is thrown, but what `resolve` throws.
 */
export function parseJob(manifest: unknown, options: ParseOptions = {}): KubernetesJob {
  const keys = readKeys(manifestSchema, manifest);
  const parsed = manifestSchema.safeParse(keys.value);
  const ofSchema = parsed.success ? [] : findingsOf(manifestSchema, keys.value, parsed.error.issues);
  const unusable = ofSchema.filter((finding) => finding.unusable).map(({ path }) => path);
  const loose = (without(keys.value, unusable) ?? {}) as LooseManifest;
  const resolved = resolveReferences(loose, options.resolve);
  const refused = [...unusable, ...keys.findings.map(({ path }) => path)];
  const ofRules = rules.flatMap((rule) => rule(resolved.manifest)).filter((finding) => holds(finding, refused));
  const problems = [
    ...keys.findings.map(({ path, problem, fix }) => ({ path: pathText(path), problem, fix })),
    ...[...ofSchema, ...resolved.findings, ...ofRules].map((finding) => problemOf(finding, keys.value)),
  ];
  if (problems.length > 0) throw new JobInvalid({ problems });
  return complete(resolved.manifest as CheckedManifest);
}

/** A rule that misses something does not speak where something was refused already. */
function holds({ path, ifWhole }: Finding, refused: readonly Path[]): boolean {
  return ifWhole === undefined || !refused.some((other) => path.every((part, index) => part === other[index]));
}

function problemOf(
  { path, problem, fix, unusable }: Finding & { readonly unusable?: boolean },
  manifest: unknown,
): Problem {
  const there = valueAt(manifest, path);
  // That a map or a list stands there tells something only where its type is the problem.
  const value = typeof there === 'object' && !unusable ? undefined : valueText(path, there);
  return { path: pathText(path), ...(value !== undefined && { value }), problem, fix };
}
