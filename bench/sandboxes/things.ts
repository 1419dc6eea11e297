import type { SandboxOptions } from '@ephemera/sandbox';

/** Carried by every bare pod of one part, so that they are watched by one selector. */
export const partLabel = 'ephemera.dev/bench-part';

export const image = 'busybox:1';

/** The same for every container that is measured. Little is asked for, so that many fit on one node, and much is allowed. */
const resources = {
  limits: { cpu: '1000m', memory: '512Mi', ephemeralStorage: '2Gi' },
  requests: { cpu: '1m', memory: '4Mi', ephemeralStorage: '1Mi' },
};

/** As a user makes one; all that is not named here is as it is by default. */
export const sandboxOptions: SandboxOptions = { image, resources };

export interface BenchPod {
  readonly namespace: string;
  readonly name: string;
  readonly part?: string;
  /** Whether the token of its account is mounted, as it is where nobody says otherwise. Else it has no volumes at all. */
  readonly token: boolean;
}

export function benchPod({ namespace, name, part = name, token }: BenchPod): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { [partLabel]: part } },
    spec: podSpec(token),
  };
}

/** The peer's object for one sandbox: the same pod, made by its controller. */
export function peerSandbox(namespace: string, name: string): object {
  return {
    apiVersion: 'agents.x-k8s.io/v1beta1',
    kind: 'Sandbox',
    metadata: { name, namespace },
    spec: { podTemplate: { spec: podSpec(true) } },
  };
}

/** A program that waits and ends when it is told to, as what is in a pod should: else its removal takes as long as its grace. */
function podSpec(token: boolean): object {
  const sizes = ({ cpu, memory, ephemeralStorage }: typeof resources.limits) => ({
    cpu,
    memory,
    'ephemeral-storage': ephemeralStorage,
  });
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 10,
    ...(token ? {} : { automountServiceAccountToken: false }),
    containers: [
      {
        name: 'main',
        image,
        command: ['sh', '-c', `trap 'exit 0' TERM; sleep 3600 & wait`],
        resources: { limits: sizes(resources.limits), requests: sizes(resources.requests) },
      },
    ],
  };
}
