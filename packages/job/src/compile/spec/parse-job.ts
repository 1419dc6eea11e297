/*
 * Where a check belongs. schema/: the type of one field, with its `check`s, which look at one text and nothing else (checks/).
 * rules/: what goes together, names that are keys, counts and sizes; they read what is left when everything of a wrong type is out.
 * Neither changes anything: defaults and other spellings of the same are for complete.ts, when nothing is wrong any more.
 * What only the compiled Job shows (its size) is checked where it is compiled, in kubernetes-job/.
 * Whatever is probably not meant and still legal is a warning, kubernetes-job/warnings.ts.
 */
import { JobInvalid, type Problem } from '../errors.ts';
import type { KubernetesJob } from '../kubernetes-job/kubernetes-job.ts';
import { complete } from './complete.ts';
import type { Finding, Path } from './finding.ts';
import { findingsOf, valueAt } from './issues.ts';
import { readKeys } from './keys.ts';
import { manifestSchema, type CheckedManifest, type LooseManifest } from './manifest-schema.ts';
import { resolveReferences, type Resolve } from './resolve.ts';
import { envRules } from './rules/env.ts';
import { envSourceRules } from './rules/env-sources.ts';
import { metadataRules } from './rules/metadata.ts';
import { namespaceRules } from './rules/namespace.ts';
import { podRules } from './rules/pod.ts';
import { processRules } from './rules/process.ts';
import { settingsRules } from './rules/settings.ts';
import { textRules } from './rules/texts.ts';
import { volumeMountRules } from './rules/volume-mounts.ts';
import { maxProblems } from './max-problems.ts';
import { pathText, valueText } from './show.ts';
import { without } from './without.ts';
import { writtenNumber } from './written.ts';

export type { Reference } from './resolve.ts';

export interface ParseOptions {
  /** Gives the value of a `valueFrom`. Without it, every reference is a problem. */
  readonly resolve?: Resolve;
}

const rules = [
  metadataRules,
  namespaceRules,
  settingsRules,
  envRules,
  envSourceRules,
  processRules,
  volumeMountRules,
  podRules,
  textRules,
];

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
  const refused = placesAbove([...unusable, ...keys.findings.map(({ path }) => path)]);
  const ofRules = rules.flatMap((rule) => rule(resolved.manifest)).filter((finding) => holds(finding, refused));
  const others = [...ofSchema, ...resolved.findings, ...ofRules];
  const count = keys.findings.length + others.length;
  if (count > 0) {
    const listed = keys.findings.slice(0, maxProblems);
    const problems = [
      ...listed.map(({ path, ...finding }) => ({ path: pathText(path), ...finding })),
      ...others.slice(0, maxProblems - listed.length).map((finding) => problemOf(finding, keys.value, manifest)),
    ];
    throw new JobInvalid({ problems, ...(count > problems.length && { more: count - problems.length }) });
  }
  return complete(resolved.manifest as CheckedManifest);
}

/** A rule that misses something does not speak where something was refused already. */
function holds({ path, ifWhole }: Finding, refused: ReadonlySet<string>): boolean {
  return ifWhole === undefined || !refused.has(JSON.stringify(path));
}

/** The paths and all that lie above them: a look-up for each finding, where comparing all with all would take minutes. */
function placesAbove(paths: readonly Path[]): ReadonlySet<string> {
  return new Set(
    paths.flatMap((path) => [...path.keys(), path.length].map((end) => JSON.stringify(path.slice(0, end)))),
  );
}

function problemOf(
  { path, problem, fix, unusable }: Finding & { readonly unusable?: boolean },
  read: unknown,
  manifest: unknown,
): Problem {
  const there = valueAt(read, path);
  // That a map or a list stands there tells something only where its type is the problem.
  const value = typeof there === 'object' && !unusable ? undefined : valueText(path, there);
  const written =
    typeof there === 'number' && value === String(there) ? writtenNumber(manifest, path, there) : undefined;
  return { path: pathText(path), ...(value !== undefined && { value: written ?? value }), problem, fix };
}
