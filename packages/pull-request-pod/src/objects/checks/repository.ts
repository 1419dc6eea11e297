import { dockerConfigProblem } from '@ephemera/job/compile';
import type { CheckedRepository } from '../checked-order.ts';
import { branchName } from './branch.ts';
import { pushReference } from './image.ts';
import { knownKeys } from './keys.ts';
import { printable, type Problems, type TextCheck } from './problem.ts';
import { plainUrl, repositoryUrl } from './repository-url.ts';

const keys = ['url', 'branch', 'pullRequest', 'imageName', 'dockerfile', 'push', 'token', 'dockerConfigJson'] as const;

const longestPath = 1024;
/** A Secret holds 1 MiB; no real token or config.json comes near these. */
const longestToken = 16 * 1024;
const longestDockerConfig = 256 * 1024;

/** The repository with its defaults; undefined where something is wrong, which is noted then. */
export function readRepository(problems: Problems, value: unknown): CheckedRepository | undefined {
  const at = (key: (typeof keys)[number]) => `repository.${key}`;
  const given = knownKeys(problems, value, { path: 'repository', keys });
  if (given === undefined) return undefined;
  const before = problems.found.length;
  const url = problems.text(at('url'), given.url, repositoryUrl);
  const branch = problems.text(at('branch'), given.branch, branchName);
  const pullRequest = problems.integer(at('pullRequest'), given.pullRequest, { least: 1, most: 2 ** 31 - 1 });
  const imageName = problems.text(at('imageName'), given.imageName, pushReference);
  const dockerfile = problems.optionalText(at('dockerfile'), given.dockerfile, pathInside) ?? 'Dockerfile';
  const token = problems.optionalText(at('token'), given.token, printable(longestToken));
  const dockerConfigJson = problems.optionalText(at('dockerConfigJson'), given.dockerConfigJson, dockerConfig);
  const push = given.push ?? false;
  if (typeof push !== 'boolean')
    return problems.add(at('push'), { problem: 'is not true or false', fix: 'Write true or false.' });
  if (url === undefined || branch === undefined || pullRequest === undefined || imageName === undefined)
    return undefined;
  if (problems.found.length > before) return undefined;
  return { url: plainUrl(url), branch, pullRequest, imageName, dockerfile, push, token, dockerConfigJson };
}

const pathInside: TextCheck = (text) => {
  const fix = 'Write a path inside the repository, for example Dockerfile or docker/web.Dockerfile.';
  const wrong = printable(longestPath)(text);
  if (wrong !== undefined) return wrong;
  if (text.startsWith('/')) return { problem: 'is not relative', fix };
  if (text.startsWith('-')) return { problem: 'begins with -', fix };
  if (text.endsWith('/')) return { problem: 'is a folder', fix };
  return text.split('/').includes('..') ? { problem: 'leads out of the repository', fix } : undefined;
};

const dockerConfig: TextCheck = (text) => {
  const fix = 'Give the text of a config.json with "auths".';
  if (text.length > longestDockerConfig) return { problem: `has more than ${longestDockerConfig} characters`, fix };
  const problem = dockerConfigProblem(text);
  return problem === undefined ? undefined : { problem: `cannot be used: ${problem}`, fix };
};
