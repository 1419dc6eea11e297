import { execFile } from 'node:child_process';
import { clusterTools, type ClusterOptions } from '../src/index.ts';

/** Runs the instance's own kubectl by its path. Objects go to it as standard input. */
export function kubectlOf(options: ClusterOptions): (args: readonly string[], input?: object) => Promise<string> {
  const { command, args: first } = clusterTools(options).kubectl;
  return (args, input) =>
    new Promise((done, refuse) => {
      const child = execFile(command, [...first, ...args], { timeout: 60_000 }, (error, stdout, stderr) =>
        error === null ? done(stdout) : refuse(new Error(`kubectl ${args.join(' ')}: ${stderr}`, { cause: error })),
      );
      child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
    });
}

export interface PodParts {
  readonly image?: string;
  readonly command: readonly string[];
  readonly claim?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A pod of one container that runs to its end; its claim, if any, is at /data. */
export function pod(name: string, { image = 'busybox:1', command, claim, labels = {} }: PodParts): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image,
          command,
          volumeMounts: claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    },
  };
}
