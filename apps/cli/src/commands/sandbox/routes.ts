import { buildCommand, buildRouteMap } from '@stricli/core';
import { jsonFlag } from '../../flags.ts';
import { duration, newSandbox, off, text, variables, where } from './new-sandbox-flags.ts';

const idParameter = { parse: String, placeholder: 'ID', brief: 'Id or name of the sandbox' } as const;
const oneId = { kind: 'tuple', parameters: [idParameter] } as const;
const aliases = { n: 'namespace', e: 'env' } as const;
const whereAliases = { n: 'namespace' } as const;

const howToRun = {
  stdin: { ...off, brief: 'Give it what comes in at standard input; without this nothing is read' },
  terminal: { ...off, brief: 'In a terminal; both its outputs come as one' },
  timeout: { ...duration, brief: 'Then its processes are ended, and the exit code is 124 (default: none)' },
  cwd: { ...text, placeholder: 'PATH', brief: 'Folder that it starts in (default: the work folder /workspace)' },
} as const;

const exitCodesOfCommand = [
  'EXIT CODES',
  '  those of the command itself; 128 + n where signal n ended it',
  '  124  its --timeout was over',
  '  125  there is no result; standard error says why: it does not start, the sandbox is gone or was lost, memory ran out',
  '  2    an argument or a flag cannot be used',
  '  130  Ctrl-C: its processes are ended; a second one leaves at once',
  '  141  nobody reads the output any more; its processes are ended',
] as const;

const exitCodesOfOthers = [
  'EXIT CODES',
  '  0    done',
  '  1    it failed; standard error says why',
  '  2    an argument or a flag cannot be used',
  '  3    there is no such sandbox, or it is gone; cluster or server refused something or does not answer',
  '  130  Ctrl-C',
] as const;

const run = buildCommand({
  loader: async () => (await import('./run.ts')).run,
  parameters: {
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: { parse: String, placeholder: 'IMAGE PROGRAM ARGUMENT', brief: 'An image, and what to run in it' },
    },
    flags: { ...howToRun, ...newSandbox },
    aliases: { ...aliases, i: 'stdin', t: 'terminal' },
  },
  docs: {
    brief: 'Make a sandbox, run a command in it, and remove it',
    customUsage: ['[-i] [-t] [--timeout 2m] [--env NAME] … IMAGE -- PROGRAM ARGUMENT…'],
    fullDescription: [
      'Makes a sandbox, runs a program of its image in it, and removes it, also when that fails or is interrupted. No shell is asked: every argument',
      'arrives as it is; a line for a shell is: -- sh -c LINE. Its standard output and standard error stay apart and come byte for byte.',
      '',
      ...exitCodesOfCommand,
    ].join('\n'),
  },
});

const create = buildCommand({
  loader: async () => (await import('./create.ts')).create,
  parameters: {
    positional: { kind: 'tuple', parameters: [{ parse: String, placeholder: 'IMAGE', brief: 'What it is made of' }] },
    flags: { ...newSandbox, json: { ...jsonFlag, brief: 'Print { id, … }' } },
    aliases,
  },
  docs: {
    brief: 'Make a sandbox, and print its id',
    fullDescription: [
      'Makes a sandbox from any image, waits until commands can be run in it, and prints its id. Variables are for all its commands; they travel',
      'to its memory, and are in no object of the cluster. It ends with `sandbox kill`, or when its lifetime is over.',
      '',
      'EXIT CODES',
      '  0    it runs',
      '  1    it does not start; standard error says why, and nothing is left of it',
      '  2    an argument or a flag cannot be used',
      '  3    cluster or server refused something or does not answer',
      '  7    it did not start within --start-timeout; nothing is left of it',
      '  130  Ctrl-C: nothing is left of it; a second one leaves at once',
    ].join('\n'),
  },
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).list,
  parameters: { flags: { ...where, json: jsonFlag }, aliases: whereAliases },
  docs: { brief: 'List sandboxes, the newest first; those that ended stay for some minutes' },
});

const exec = buildCommand({
  loader: async () => (await import('./exec.ts')).exec,
  parameters: {
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: {
        parse: String,
        placeholder: 'ID PROGRAM ARGUMENT',
        brief: 'Id or name of a sandbox, and what to run',
      },
    },
    flags: {
      ...howToRun,
      detach: { ...off, brief: 'Start it, print its id for `sandbox logs`, and leave it running' },
      ...variables,
      ...where,
    },
    aliases: { ...aliases, i: 'stdin', t: 'terminal', d: 'detach' },
  },
  docs: {
    brief: 'Run a command in a sandbox',
    customUsage: ['[-i] [-t] [--timeout 2m] [--env NAME] … ID -- PROGRAM ARGUMENT…'],
    fullDescription: [
      'Runs a program in a sandbox. No shell is asked: every argument arrives as it is; a line for a shell is: -- sh -c LINE. Its standard output',
      'and standard error stay apart and come byte for byte.',
      '',
      ...exitCodesOfCommand,
    ].join('\n'),
  },
});

const kill = buildCommand({
  loader: async () => (await import('./kill.ts')).kill,
  parameters: {
    positional: { kind: 'array', minimum: 1, parameter: idParameter },
    flags: where,
    aliases: whereAliases,
  },
  docs: {
    brief: 'End sandboxes with all that runs in them; wait until nothing is left',
    fullDescription: [
      'Ends sandboxes with all that runs in them, waits until nothing of them is left, and prints the id of each.',
      '',
      ...exitCodesOfOthers,
    ].join('\n'),
  },
});

const cp = buildCommand({
  loader: async () => (await import('./cp.ts')).cp,
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, placeholder: 'FROM', brief: 'A path here, or ID:PATH in a sandbox' },
        { parse: String, placeholder: 'TO', brief: 'The same; exactly one of both is in a sandbox' },
      ],
    },
    flags: where,
    aliases: whereAliases,
  },
  docs: {
    brief: 'Copy a file, or a folder with all that is in it, to a sandbox or from it',
    fullDescription: [
      'Copies a file or a folder. Into a folder that is there, or is written with a slash at its end, it goes under its own name; else TO is its new',
      'name. FOLDER/. is what the folder holds. In a sandbox paths begin at the work folder /workspace; ID: alone is that folder. A path here',
      'that has a colon is written ./a:b. Links are copied where they stay inside of the folder; else nothing is copied at all.',
      '',
      ...exitCodesOfOthers,
    ].join('\n'),
  },
});

const shell = buildCommand({
  loader: async () => (await import('./shell.ts')).shell,
  parameters: {
    positional: { kind: 'tuple', parameters: [{ ...idParameter, optional: true }] },
    flags: {
      image: { ...text, placeholder: 'IMAGE', brief: 'A new sandbox of this image, which is removed afterwards' },
      shell: { ...text, placeholder: 'PATH', brief: 'Which shell (default: /bin/bash, else /bin/sh)' },
      cwd: howToRun.cwd,
      ...newSandbox,
    },
    aliases,
  },
  docs: {
    brief: 'A shell in a sandbox, or with --image in a new one',
    customUsage: ['[--shell PATH] ID', '--image IMAGE [--env NAME] …'],
    fullDescription: [
      'Opens a shell in a terminal of a sandbox. With --image in a new one, which is removed when the shell ends; what is said about a new',
      'sandbox counts only then.',
      '',
      ...exitCodesOfCommand,
    ].join('\n'),
  },
});

const ps = buildCommand({
  loader: async () => (await import('./ps.ts')).ps,
  parameters: { positional: oneId, flags: { ...where, json: jsonFlag }, aliases: whereAliases },
  docs: { brief: 'List the commands of a sandbox: those that run, and the last ones that ended' },
});

const logs = buildCommand({
  loader: async () => (await import('./logs.ts')).logs,
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        idParameter,
        { parse: String, placeholder: 'COMMAND', brief: 'Id of a command, as exec --detach and ps print it' },
      ],
    },
    flags: { follow: { ...off, brief: 'Go on until the command has ended' }, ...where },
    aliases: { ...whereAliases, f: 'follow' },
  },
  docs: {
    brief: 'Print what a command wrote, each of its outputs to the same one here',
    fullDescription: [
      'Prints what a command of a sandbox wrote, each of its outputs to the same one here, byte for byte. A sandbox keeps the last 64 MiB of each.',
      '',
      ...exitCodesOfOthers,
    ].join('\n'),
  },
});

export const sandboxRoutes = buildRouteMap({
  routes: { run, create, list, exec, shell, cp, ps, logs, kill },
  docs: {
    brief: 'Sandboxes: short-lived containers to run commands in',
    fullDescription: [
      'Sandboxes: short-lived containers to run commands in, made of any image. Where EPHEMERA_URL or EPHEMERA_TOKEN is set, a server is asked for',
      'them (scopes sandboxes:read, sandboxes:write). Otherwise, and always with --context, they are made on the cluster directly: that of --context,',
      'else of KUBECONFIG_PATH, the own account of a pod, or what kubectl would take. Their namespace needs the account ci-fixer-sandbox:',
      'kubectl apply -f k8s/rbac/k8s.yaml. A sandbox reaches nothing over the network unless it is told what, and ends by itself after 30 minutes.',
    ].join('\n'),
  },
});
