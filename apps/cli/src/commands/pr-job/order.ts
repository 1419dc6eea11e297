import type { PullRequestPodOptions, RepositoryBuild, RoleProfile } from '@ephemera/pull-request-pod';
import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';
import { readText, type FileFlag } from '../job/read-text.ts';

/** What `create` can be told about the job itself. */
export interface OrderFlags {
  readonly namespace?: string;
  readonly image?: string;
  readonly profile?: RoleProfile;
  readonly cluster?: string;
  readonly idempotencyKey?: string;
  readonly repoUrl?: string;
  readonly branch?: string;
  readonly number?: number;
  readonly imageName?: string;
  readonly dockerfile?: string;
  readonly push: boolean;
  readonly repositoryId?: number;
  readonly tokenFile?: string;
  readonly dockerConfig?: string;
}

/** The flags as options of a job, with what its files hold. Throws `cli.bad_input` where they do not fit together or cannot be read. */
export async function orderOf(command: Context, name: string, flags: OrderFlags): Promise<PullRequestPodOptions> {
  const { namespace, image, profile, cluster: clusterName, idempotencyKey } = flags;
  const repository = await repositoryOf(command, flags);
  return { name, namespace, image, profile, clusterName, idempotencyKey, repository };
}

async function repositoryOf(command: Context, flags: OrderFlags): Promise<RepositoryBuild | undefined> {
  const { repoUrl: url, branch, number: pullRequest, imageName, dockerfile, push } = flags;
  const given = givenOf(flags);
  if (given.length === 0) return undefined;
  if (url === undefined || branch === undefined || pullRequest === undefined || imageName === undefined) {
    const wanted = ['--repo-url', '--branch', '--number', '--image-name'];
    const missing = wanted.filter((flag) => !given.includes(flag));
    throw new BadInput({
      problem: `${given.join(' and ')} without ${missing.join(' and ')}.`,
      hint: 'A build of a repository needs --repo-url, --branch, --number and --image-name.',
    });
  }
  if (flags.tokenFile === '-' && flags.dockerConfig === '-')
    throw new BadInput({ problem: 'Only one of two files can be -.' });
  const token = await secretOf(command, flags.tokenFile, '--token-file');
  const dockerConfigJson = await secretOf(command, flags.dockerConfig, '--docker-config');
  return { url, branch, pullRequest, imageName, dockerfile, push, token, dockerConfigJson };
}

function givenOf(flags: OrderFlags): readonly string[] {
  const { repoUrl, branch, number, imageName, dockerfile, push, tokenFile, dockerConfig } = flags;
  const values: Readonly<Record<string, unknown>> = {
    '--repo-url': repoUrl,
    '--branch': branch,
    '--number': number,
    '--image-name': imageName,
    '--dockerfile': dockerfile,
    '--push': push || undefined,
    '--token-file': tokenFile,
    '--docker-config': dockerConfig,
  };
  return Object.keys(values).filter((flag) => values[flag] !== undefined);
}

/** An editor ends a file with a line break, which no token has. Nobody who names a file means that there is no secret. */
async function secretOf(command: Context, path: string | undefined, flag: FileFlag): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = (await readText(command, path, flag)).trim();
  if (text === '') throw new BadInput({ problem: `${flag} is empty.` });
  return text;
}
