import type { PullRequestPodOptions, RoleProfile } from '../pull-request-pod.ts';
import type { CheckedOrder } from './checked-order.ts';
import { readBuilderLimits } from './checks/builder-limits.ts';
import { imageReference } from './checks/image.ts';
import { knownKeys } from './checks/keys.ts';
import { jobKeyName, jobName, namespaceName } from './checks/names.ts';
import { printable, Problems, type TextCheck } from './checks/problem.ts';
import { readRepository } from './checks/repository.ts';
import { PrJobInvalid } from './errors.ts';
import { defaultImage, defaultNamespace } from './names.ts';

const keys = [
  'name',
  'namespace',
  'image',
  'clusterName',
  'profile',
  'repository',
  'idempotencyKey',
  'activeDeadlineSeconds',
  'builder',
  'builderLimits',
] as const;

const profiles = ['seed', 'minimal'] as const;
const builders = ['rootless', 'privileged'] as const;

export const defaultActiveDeadlineSeconds = 1800;
const longestDeadlineSeconds = 24 * 60 * 60;
const longestClusterName = 253;
const longestIdempotencyKey = 255;

/**
 * The order with every default applied. What comes in is believed in nothing, whatever its type says: it may be the body of a request.
 *
 * Throws `pr_job.invalid` with all problems at once.
 */
export function checkOrder(options: PullRequestPodOptions): CheckedOrder {
  const problems = new Problems();
  const given = knownKeys(problems, options, { path: '', keys }) ?? {};
  const name = problems.text('name', given.name, jobKeyName) ?? '';
  const namespace = problems.optionalText('namespace', given.namespace, namespaceName) ?? defaultNamespace;
  const image = problems.optionalText('image', given.image, imageReference) ?? defaultImage;
  const clusterName = problems.optionalText('clusterName', given.clusterName, printable(longestClusterName));
  const idempotencyKey = problems.optionalText(
    'idempotencyKey',
    given.idempotencyKey,
    printable(longestIdempotencyKey),
  );
  const builder = problems.oneOf('builder', given.builder, builders) ?? 'rootless';
  const builderLimits = readBuilderLimits(problems, given.builderLimits);
  const profile = readProfile(problems, given.profile, given.repository !== undefined);
  const repository = given.repository === undefined ? undefined : readRepository(problems, given.repository);
  const activeDeadlineSeconds =
    given.activeDeadlineSeconds === undefined
      ? defaultActiveDeadlineSeconds
      : problems.integer('activeDeadlineSeconds', given.activeDeadlineSeconds, {
          least: 1,
          most: longestDeadlineSeconds,
        });
  if (problems.found.length > 0 || activeDeadlineSeconds === undefined)
    throw new PrJobInvalid({ problems: problems.found });
  return {
    name,
    namespace,
    image,
    clusterName,
    profile,
    repository,
    idempotencyKey,
    activeDeadlineSeconds,
    builder,
    builderLimits,
  };
}

/** `name` of a job; throws `pr_job.invalid`. */
export function checkName(name: unknown): string {
  return checked('name', name, jobKeyName);
}

/** Not given: `default`. Throws `pr_job.invalid`. */
export function checkNamespace(namespace: unknown): string {
  return checked('namespace', namespace ?? defaultNamespace, namespaceName);
}

/** The name of a Job that is to be looked up; whether it is a pull-request job is seen in the cluster. Throws `pr_job.invalid`. */
export function checkJobName(text: unknown): string {
  return checked('jobName', text, jobName);
}

function checked(path: string, value: unknown, check: TextCheck): string {
  const problems = new Problems();
  const text = problems.text(path, value, check);
  if (text === undefined) throw new PrJobInvalid({ problems: problems.found });
  return text;
}

/** The profile `seed` reads every Secret of the namespace, so also the repository's credentials. */
function readProfile(problems: Problems, value: unknown, withRepository: boolean): RoleProfile {
  const profile = problems.oneOf('profile', value, profiles) ?? (withRepository ? 'minimal' : 'seed');
  if (profile === 'seed' && withRepository)
    problems.add('profile', {
      problem: 'is seed, with which the job could read the credentials of every repository',
      fix: 'Write minimal, or leave it out.',
    });
  return profile;
}
