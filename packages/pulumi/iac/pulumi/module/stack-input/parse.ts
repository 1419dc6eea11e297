import { dockerConfigProblem, jobErrors, parseJob, type KubernetesJob, type Problem } from '@ephemera/job/compile';
import { StackInputInvalid } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { isMapping, keysOf, type Keys } from './keys.ts';
import { providerConfigOf } from './provider-config.ts';
import type { StackInput } from './stack-input.ts';

/** A checked stack input, and what is legal in it and probably not meant. */
export interface ParsedStackInput {
  readonly input: StackInput;
  readonly warnings: readonly string[];
}

/**
 * Checks a stack input: a bare KubernetesJob, or `target` with what belongs to it, in snake_case or camelCase. `source` names it in errors.
 * Throws `StackInputInvalid` with all problems at once; no message quotes a secret.
 */
export function parseStackInput(value: unknown, source: string): ParsedStackInput {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const keys = isMapping(value) ? topLevel(value, problems) : undefined;
  if (keys === undefined) {
    problems.push({ path: '', problem: 'is not a mapping', fix: 'Give a KubernetesJob, or a mapping with `target`.' });
  }
  const namespace = keys?.text('kubernetes_namespace');
  const target = keys && readTarget(keys, namespace, problems);
  const providerConfig = keys && providerConfigOf(keys.mapping('provider_config'), problems);
  const dockerConfigJson = keys?.text('docker_config_json');
  const unusable = dockerConfigJson === undefined ? undefined : dockerConfigProblem(dockerConfigJson);
  if (unusable !== undefined) {
    const problem = `cannot be used: ${unusable}`;
    problems.push({
      path: 'docker_config_json',
      value: '(hidden)',
      problem,
      fix: 'Give the text of a config.json with "auths".',
    });
  }
  if (target === undefined || problems.length > 0) throw new StackInputInvalid({ source, problems });

  if (namespace !== undefined && namespace !== target.spec.namespace) {
    warnings.push(
      `kubernetes_namespace (${quoted(namespace)}) is ignored: spec.namespace says ${quoted(target.spec.namespace)}.`,
    );
  }
  const { targetCluster } = target.spec;
  return {
    input: {
      target,
      ...(providerConfig !== undefined && { providerConfig }),
      ...(targetCluster !== undefined && { targetCluster }),
      ...(dockerConfigJson !== undefined && { dockerConfigJson }),
    },
    warnings,
  };
}

const KEYS = ['target', 'provider_config', 'kubernetes_namespace', 'docker_config_json'];

function topLevel(value: Readonly<Record<string, unknown>>, problems: Problem[]): Keys {
  const bare = value['kind'] !== undefined && value['target'] === undefined;
  return keysOf(bare ? { target: value } : value, { path: '', known: KEYS, problems });
}

function readTarget(keys: Keys, namespace: string | undefined, problems: Problem[]): KubernetesJob | undefined {
  const target = keys.mapping('target');
  if (target === undefined) {
    if (keys.value('target') === undefined) {
      problems.push({ path: 'target', problem: 'is missing', fix: 'Give the KubernetesJob there.' });
    }
    return undefined;
  }
  try {
    return parseJob(withNamespace(target, namespace));
  } catch (error) {
    if (!(error instanceof jobErrors.JobInvalid)) throw error;
    const found = error.details['problems'] as readonly Problem[];
    problems.push(
      ...found.map((problem) => ({ ...problem, path: problem.path ? `target.${problem.path}` : 'target' })),
    );
    return undefined;
  }
}

/** The namespace of the stack input stands in for one that the target leaves out. */
function withNamespace(target: Readonly<Record<string, unknown>>, namespace: string | undefined): unknown {
  const spec = target['spec'];
  if (namespace === undefined || !isMapping(spec) || (spec['namespace'] ?? undefined) !== undefined) return target;
  return { ...target, spec: { ...spec, namespace } };
}
