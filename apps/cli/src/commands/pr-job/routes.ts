import { buildCommand, buildRouteMap } from '@stricli/core';
import { contextFlag, jsonFlag, parseCount, parseDuration, parsePositive } from '../../flags.ts';

const text = { kind: 'parsed', parse: String, optional: true } as const;
const off = { kind: 'boolean', default: false, withNegated: false } as const;

const one = {
  kind: 'tuple',
  parameters: [{ parse: String, placeholder: 'NAME', brief: 'What the jobs are called, such as pr-123' }],
} as const;

const where = {
  namespace: { ...text, placeholder: 'NAME', brief: 'Namespace of the job (default: default)' },
  context: { ...contextFlag, brief: 'Go to this context of the kubeconfig directly, whatever EPHEMERA_URL says' },
  cluster: {
    ...text,
    placeholder: 'NAME',
    brief: 'The cluster that the server, or KUBECONFIG_<NAME> where there is none, knows by this name',
  },
} as const;

const job = { ...text, placeholder: 'JOBNAME', brief: 'Name of the Job (default: the newest of that name)' } as const;
const aliases = { n: 'namespace' } as const;

const exitCodesOfReading = [
  'EXIT CODES',
  '  0    however the job is doing',
  '  2    a name or a flag cannot be used',
  '  3    there is no such job; server or cluster refused something or does not answer',
  '  130  Ctrl-C',
] as const;

const create = buildCommand({
  loader: async () => (await import('./create.ts')).create,
  parameters: {
    positional: one,
    flags: {
      ...where,
      image: { ...text, placeholder: 'IMAGE', brief: 'What the job runs in (default: docker:24-dind)' },
      profile: {
        kind: 'enum',
        values: ['seed', 'minimal'],
        optional: true,
        brief:
          'Rights of the job: the documented ones, or only what buildx needs (default: seed, with a repository minimal)',
      },
      idempotencyKey: {
        ...text,
        placeholder: 'KEY',
        brief: 'The same key gives the same job back, so that a step may be run again',
      },
      repoUrl: { ...text, placeholder: 'URL', brief: 'Build this repository: https://…, without credentials' },
      branch: { ...text, placeholder: 'BRANCH', brief: 'With --repo-url: the branch to build' },
      number: {
        kind: 'parsed',
        parse: parsePositive,
        optional: true,
        placeholder: 'N',
        brief: 'With --repo-url: the number of the pull request',
      },
      imageName: {
        ...text,
        placeholder: 'IMAGE',
        brief: 'With --repo-url: what the image is called, with registry and tag',
      },
      dockerfile: {
        ...text,
        placeholder: 'PATH',
        brief: 'With --repo-url: path in the repository (default: Dockerfile)',
      },
      push: { ...off, brief: 'With --repo-url: push the image' },
      tokenFile: {
        ...text,
        placeholder: 'FILE',
        brief: 'With --repo-url: a file with read access to the repository; - is standard input',
      },
      dockerConfig: {
        ...text,
        placeholder: 'FILE',
        brief: 'With --repo-url: a config.json of docker login for the registry; - is standard input',
      },
      repositoryId: {
        kind: 'parsed',
        parse: parsePositive,
        optional: true,
        placeholder: 'ID',
        brief: 'Whose job it is, as GitHub numbers repositories; where the token of the server is for several',
      },
      wait: { ...off, brief: 'Follow pods and logs to the end; the exit code is how the job ended' },
      json: { ...jsonFlag, brief: 'Print JSON; with --wait at the end, and the logs go to standard error' },
    },
    aliases,
  },
  docs: {
    brief: 'Make a job that can build images with buildx; with --wait follow it to its end',
    fullDescription: [
      'Makes a Job with an account that may do what the Kubernetes driver of buildx needs, and prints its name. With a repository the job clones',
      'and builds it; secrets come from files only. With --wait it follows the log live: lines of the job go to standard output, everything else',
      'to standard error. Of every build about half a minute is the booting of the builder.',
      '',
      'EXIT CODES',
      '  0    made; with --wait: complete',
      '  1    with --wait: it failed, cannot start, or was removed by somebody',
      '  2    a name, a flag or a file cannot be used',
      '  3    server or cluster refused something or does not answer',
      '  7    with --wait: it ran longer than it may',
      '  130  Ctrl-C: following ends, the job goes on',
    ].join('\n'),
  },
});

const status = buildCommand({
  loader: async () => (await import('./status.ts')).status,
  parameters: { positional: one, flags: { ...where, job, json: jsonFlag }, aliases },
  docs: {
    brief: 'Say how a job is doing, and what keeps it from starting',
    fullDescription: ['Says how a job is doing, and what keeps it from starting.', '', ...exitCodesOfReading].join(
      '\n',
    ),
  },
});

const logs = buildCommand({
  loader: async () => (await import('./logs.ts')).logs,
  parameters: {
    positional: one,
    flags: {
      ...where,
      job,
      follow: { ...off, brief: 'Go on until the job has ended' },
      tail: { kind: 'parsed', parse: parseCount, optional: true, placeholder: 'N', brief: 'Only the last N lines' },
    },
    aliases: { ...aliases, f: 'follow' },
  },
  docs: {
    brief: 'Print what a job wrote',
    fullDescription: [
      'Prints the log of a job, behind [pod/container] from the second pod on. Written to a pipe or a file lines are as the job wrote them; on a',
      'terminal and in GitHub Actions control characters are left out, and in GitHub Actions nothing of them is a command to its runner.',
      '',
      ...exitCodesOfReading,
    ].join('\n'),
  },
});

const cleanup = buildCommand({
  loader: async () => (await import('./cleanup.ts')).cleanup,
  parameters: {
    positional: one,
    flags: {
      ...where,
      timeout: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        placeholder: 'DURATION',
        brief: 'How long to wait until everything is gone (default: 2m)',
      },
      json: { ...jsonFlag, brief: 'Print { removed, kept }' },
    },
    aliases,
  },
  docs: {
    brief: 'Remove everything of a name: jobs, pods, account, rights, and what buildx left; wait until it is gone',
    fullDescription: [
      'Removes all jobs of a name with their pods, account, rights, Secrets, and the builders that buildx left behind. Waits until they are gone,',
      'and says what was removed, what was kept, and why. Nothing there is fine.',
      '',
      'EXIT CODES',
      '  0    nothing is left, or what is left was kept beside what was removed',
      '  1    something could not be removed; it is named',
      '  2    a name or a flag cannot be used',
      '  3    nothing was removed as all of it was made another way; server or cluster refused something or does not answer',
      '  7    not everything was gone within --timeout; the next cleanup goes on',
      '  130  Ctrl-C: what the cluster has begun to remove goes on',
    ].join('\n'),
  },
});

const events = buildCommand({
  loader: async () => (await import('./events.ts')).events,
  parameters: {
    positional: one,
    flags: { namespace: where.namespace, json: jsonFlag },
    aliases,
  },
  docs: { brief: 'Show who asked the server for what about a name, oldest first' },
});

export const prJobRoutes = buildRouteMap({
  routes: { create, status, logs, cleanup, events },
  docs: {
    brief: 'Jobs for pull requests that build images in the cluster with buildx',
    fullDescription: [
      'Jobs for pull requests that build images in the cluster with buildx. Where EPHEMERA_URL or EPHEMERA_TOKEN is set, a server is asked for',
      'them: with EPHEMERA_TOKEN (scopes pr-jobs:create, status, logs, cleanup), else, in a workflow of GitHub Actions that may write id-tokens,',
      'with tokens of its own for the audience EPHEMERA_OIDC_AUDIENCE (default: EPHEMERA_URL). Otherwise, and always with --context, they are made',
      'on the cluster directly: that of --context or --cluster, else the first of KUBECONFIG_<NAME>, else of KUBECONFIG_PATH, the own account of a',
      'pod, or what kubectl would take. Standard error says which way it goes. Each command takes one NAME; all there are in a namespace of a',
      'cluster of yours are shown by: kubectl get jobs -l created-by=catalyst-web-app',
    ].join('\n'),
  },
});
