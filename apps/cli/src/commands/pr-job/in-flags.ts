import { EphemeraError } from '@ephemera/model';
import { BadInput } from '../../errors.ts';

interface Problem {
  readonly path: string;
  readonly problem: string;
  readonly fix: string;
}

/** What a check of the package finds, told in the flags of the command instead of the fields of its functions. Throws `cli.bad_input`. */
export function inFlags<Checked>(check: () => Checked): Checked {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof EphemeraError) || error.code !== 'pr_job.invalid') throw error;
    const problems = error.details['problems'] as readonly Problem[];
    const lines = problems.map(({ path, problem, fix }) => `- ${flagOf[path] ?? path} ${problem}. ${fix}`);
    throw new BadInput({ problem: ['This cannot be used:', ...lines].join('\n') }, { cause: error });
  }
}

const flagOf: Readonly<Record<string, string>> = {
  name: 'NAME',
  namespace: '--namespace',
  image: '--image',
  clusterName: '--cluster',
  profile: '--profile',
  idempotencyKey: '--idempotency-key',
  jobName: '--job',
  'repository.url': '--repo-url',
  'repository.branch': '--branch',
  'repository.pullRequest': '--number',
  'repository.imageName': '--image-name',
  'repository.dockerfile': '--dockerfile',
  'repository.token': '--token-file',
  'repository.dockerConfigJson': '--docker-config',
};
