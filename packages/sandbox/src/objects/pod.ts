import type { Container, PodSpec, Volume } from '@ephemera/model';
import type { CheckedOptions, CheckedResources } from '../options/checked-options.ts';
import { archLabel } from '../options/check-options.ts';
import { containerName, runnerConfigName, runnerKey } from './names.ts';

const binFolder = '/.ephemera/bin';
const runFolder = '/.ephemera/run';
const runnerPath = `${binFolder}/${runnerKey}`;
/** What an exec call runs to speak with the runner. */
export const serveCommand: readonly string[] = [runnerPath, 'serve'];
const workFolder = '/workspace';
const homeFolder = '/home/sandbox';
/** All may execute it and nobody may read it: the kernel then lets no process look into it or trace it, not even one of the same user. */
const executeOnly = 0o111;
const mebibyte = 1024 * 1024;

/**
 * The pod: one container whose first process is our runner, put there by a ConfigMap, so that any image will do, also one without a shell.
 * It passes Pod Security `restricted`, unless its user is 0.
 *
 * There is no `fsGroup`: it would make the runner's file readable. Work folder, home and `/tmp` are folders of one volume, so that one
 * size holds for all of them.
 */
export function sandboxPod(id: string, options: CheckedOptions): PodSpec {
  const { user, hostUsers, runtimeClassName } = options;
  return {
    restartPolicy: 'Never',
    serviceAccountName: options.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    nodeSelector: { ...options.nodeSelector, [archLabel]: options.arch },
    ...(options.tolerations.length > 0 && { tolerations: options.tolerations.map((one) => ({ ...one })) }),
    ...(options.imagePullSecrets.length > 0 && {
      imagePullSecrets: options.imagePullSecrets.map((name) => ({ name })),
    }),
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    ...(hostUsers !== undefined && { hostUsers }),
    securityContext: {
      runAsNonRoot: user !== 0,
      runAsUser: user,
      runAsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(options)],
    volumes: volumes(id, options),
  };
}

function container(options: CheckedOptions): Container {
  return {
    name: containerName,
    image: options.image,
    command: runnerCommand(options),
    workingDir: workFolder,
    env: [{ name: 'HOME', value: homeFolder }],
    resources: { limits: amounts(options.resources.limits), requests: amounts(options.resources.requests) },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: options.readOnlyRoot,
    },
    volumeMounts: [
      { name: 'runner', mountPath: binFolder, readOnly: true },
      { name: 'run', mountPath: runFolder },
      { name: 'work', mountPath: workFolder, subPath: 'workspace' },
      { name: 'work', mountPath: homeFolder, subPath: 'home' },
      { name: 'work', mountPath: '/tmp', subPath: 'tmp' },
    ],
  };
}

/** Its time counts from its own start; once it answers it is told the exact end. */
function runnerCommand({ timeoutMs, idleTimeoutMs, keep }: CheckedOptions): readonly string[] {
  const idle = idleTimeoutMs === undefined ? [] : ['--idle', String(idleTimeoutMs)];
  const lives = ['--expires-in', String(timeoutMs), ...idle];
  const keeps = ['--keep', String(keep.ofStream), '--keep-all', String(keep.ofAll)];
  return [runnerPath, 'init', '--work', workFolder, ...lives, ...keeps];
}

function volumes(id: string, { disk, keep }: CheckedOptions): readonly Volume[] {
  return [
    {
      name: 'runner',
      configMap: {
        name: runnerConfigName(id),
        items: [{ key: runnerKey, path: runnerKey }],
        defaultMode: executeOnly,
      },
    },
    // The runner keeps within its limit by itself; this one is for the socket and what is written in the same moment.
    { name: 'run', emptyDir: { sizeLimit: String(keep.ofAll + 64 * mebibyte) } },
    { name: 'work', emptyDir: { ...(disk.medium === 'memory' && { medium: 'Memory' }), sizeLimit: disk.size } },
  ];
}

function amounts({ cpu, memory, ephemeralStorage }: CheckedResources): Readonly<Record<string, string>> {
  return { cpu, memory, 'ephemeral-storage': ephemeralStorage };
}
