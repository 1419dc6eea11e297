import { buildCommand, buildRouteMap } from '@stricli/core';
import { contextFlag, jsonFlag, parseCount, parseDuration } from '../../flags.ts';

const text = { kind: 'parsed', parse: String } as const;
const duration = { kind: 'parsed', parse: parseDuration, optional: true, placeholder: 'DURATION' } as const;
const off = { kind: 'boolean', default: false, withNegated: false } as const;

const file = { ...text, placeholder: 'FILE', brief: 'The manifest, YAML or JSON; - is standard input' } as const;
const set = {
  ...text,
  optional: true,
  variadic: true,
  placeholder: 'PATH=VALUE',
  brief:
    'Set a field of the manifest, such as spec.parallelism=3; a text stands as it is, other values are YAML; may be given several times',
} as const;
const dockerConfig = {
  ...text,
  optional: true,
  placeholder: 'FILE',
  brief: 'A config.json of docker login: the job gets a pull Secret with it',
} as const;

const validate = buildCommand({
  loader: async () => (await import('./validate.ts')).validate,
  parameters: {
    flags: { file, set, dockerConfig, json: { ...jsonFlag, brief: 'Print { valid, problems, warnings }' } },
    aliases: { f: 'file' },
  },
  docs: {
    brief: 'Say whether a manifest is valid, or all that is wrong with it; asks no cluster',
    fullDescription: [
      'Says whether a manifest is valid. Where it is not, every problem is told at once: path, value and what to do; exit code 2.',
      'What is legal and probably not meant is warned of on standard error. No cluster is asked.',
    ].join('\n'),
  },
});

const render = buildCommand({
  loader: async () => (await import('./render.ts')).render,
  parameters: {
    flags: {
      file,
      set,
      dockerConfig,
      output: {
        kind: 'enum',
        values: ['yaml', 'json'],
        default: 'yaml',
        brief: 'yaml: documents in order; json: one List',
      },
    },
    aliases: { f: 'file', o: 'output' },
  },
  docs: {
    brief: 'Print the objects that run applies, in that order; asks no cluster',
    fullDescription: [
      'Prints the objects that `job run` applies, in that order; `kubectl apply -f -` takes them. Run adds only owner references from Secrets',
      'and ConfigMaps to the Job, whose UID a cluster gives.',
      'Literal secrets are printed too, in clear: they are part of what is applied.',
    ].join('\n'),
  },
});

const run = buildCommand({
  loader: async () => (await import('./run.ts')).run,
  parameters: {
    flags: {
      file,
      set,
      dockerConfig,
      wait: { ...off, brief: 'Follow pods and logs to the end; the exit code is how the Job ended' },
      replace: {
        ...off,
        brief: 'Delete and make anew a Job that is there and has ended, or cannot be changed into this one',
      },
      delete: { ...off, brief: 'With --wait: remove everything of the job after its end' },
      startTimeout: {
        ...duration,
        brief: 'With --wait: how long a start that cannot succeed is borne with, such as a wrong image (default: 60s)',
      },
      timeout: { ...duration, brief: 'With --wait: stop following after this long (default: never)' },
      context: contextFlag,
    },
    aliases: { f: 'file' },
  },
  docs: {
    brief: 'Apply a job; with --wait follow it to its end',
    fullDescription: [
      'Applies the objects of the manifest and says how to see more. With --wait it follows pods and logs live: lines of the containers go to',
      'standard output, behind [pod/container] where there is more than one pod, and everything else to standard error. Written to a pipe or a',
      'file they are as the containers wrote them; on a terminal control characters are left out.',
      '',
      'EXIT CODES with --wait',
      '  0    the Job is complete',
      '  1    it failed, cannot start, is suspended, or was removed by somebody',
      '  2    the manifest, a flag or the kubeconfig cannot be used',
      '  3    the cluster refused something or does not answer',
      '  7    its activeDeadlineSeconds or --timeout are over',
      '  130  Ctrl-C: following ends, the Job goes on',
      '',
      'The Job stays for inspection unless --delete is given. A Job that is there already and is the same is followed as it is; one whose pods',
      'would change is refused without --replace. Objects that belong to somebody else are never touched.',
    ].join('\n'),
  },
});

const one = {
  kind: 'tuple',
  parameters: [{ parse: String, optional: true, placeholder: 'NAME', brief: 'Name of the job, instead of --file' }],
} as const;

const which = {
  file: { ...file, optional: true },
  set,
  namespace: { ...text, optional: true, placeholder: 'NAME', brief: 'Namespace of the job, with NAME' },
  context: contextFlag,
} as const;
const aliases = { f: 'file', n: 'namespace' } as const;

const status = buildCommand({
  loader: async () => (await import('./status.ts')).status,
  parameters: { positional: one, flags: { ...which, json: jsonFlag }, aliases },
  docs: {
    brief: 'Say how a job is doing, and what keeps it from starting',
    fullDescription: 'Says in which state a job is, with its counts, and what keeps it from starting or made it fail.',
  },
});

const logs = buildCommand({
  loader: async () => (await import('./logs.ts')).logs,
  parameters: {
    positional: one,
    flags: {
      ...which,
      follow: { ...off, brief: 'Go on until the Job has ended' },
      container: { ...text, optional: true, placeholder: 'NAME', brief: 'Only this container' },
      tail: {
        kind: 'parsed',
        parse: parseCount,
        optional: true,
        placeholder: 'N',
        brief: 'Only the last N lines of each container',
      },
    },
    aliases,
  },
  docs: {
    brief: 'Print what the containers of a job wrote',
    fullDescription: [
      'Prints the log lines of all pods of a job, behind [pod/container] where there is more than one pod. Written to a pipe or a file they are',
      'as the containers wrote them; on a terminal control characters are left out.',
    ].join('\n'),
  },
});

const remove = buildCommand({
  loader: async () => (await import('./delete.ts')).deleteCommand,
  parameters: {
    positional: one,
    flags: {
      ...which,
      timeout: { ...duration, brief: 'How long to wait until everything is gone (default: 2m)' },
      json: { ...jsonFlag, brief: 'Print { removed, kept }' },
    },
    aliases,
  },
  docs: {
    brief: 'Remove everything of a job and wait until it is gone',
    fullDescription: [
      'Removes everything of a job: Job, pods, Secrets, ConfigMaps, and the namespace if the manifest made it and nothing of others is in it.',
      'Waits until it is gone, and says what was removed, what was kept, and why. Nothing there is fine. Exit code 7 when it takes too long.',
    ].join('\n'),
  },
});

const suspend = buildCommand({
  loader: async () => (await import('./suspend.ts')).suspend,
  parameters: { positional: one, flags: which, aliases },
  docs: { brief: 'Suspend a job: its pods are ended, and no new ones start' },
});

const resume = buildCommand({
  loader: async () => (await import('./suspend.ts')).resume,
  parameters: { positional: one, flags: which, aliases },
  docs: { brief: 'Let a suspended job go on' },
});

const schema = buildCommand({
  loader: async () => (await import('./schema.ts')).schema,
  parameters: {},
  docs: {
    brief: 'Print the JSON Schema of the manifest, for editors',
    fullDescription: [
      'Prints the JSON Schema of the manifest. Editors with the YAML language server complete and check a manifest that begins with',
      '',
      '  # yaml-language-server: $schema=./kubernetes-job.schema.json',
      '',
      'after: npx ephemera job schema > kubernetes-job.schema.json',
    ].join('\n'),
  },
});

export const jobRoutes = buildRouteMap({
  routes: { validate, render, run, status, logs, delete: remove, suspend, resume, schema },
  docs: {
    brief: 'Run a KubernetesJob: one manifest, validated, applied, followed, explained and removed',
    fullDescription: [
      'Runs jobs from a manifest of kind KubernetesJob; docs/jobs.md shows how. The cluster is that of --context, else the context that',
      'spec.targetCluster.clusterName or CLUSTER_NAME names if there is one, of KUBECONFIG_PATH; else the own account of a pod, then what',
      'kubectl would take. No server of Ephemera is needed.',
    ].join('\n'),
  },
});
