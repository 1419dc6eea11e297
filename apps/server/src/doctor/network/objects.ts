import type { Manifest } from '@ephemera/model';

export const port = 8080;
/** How long one attempt to get through takes at most. */
export const attemptSeconds = 3;

/** Only pods of the strictest profile: the probe has to run wherever environments do. */
export function probeNamespace(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
}

/** Pods name this account; the cluster makes its own some time after the namespace, and refuses pods until then. */
export function probeAccount(namespace: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
    automountServiceAccountToken: false,
  };
}

/** Nothing in and nothing out for the pods that it selects, which are the denied clients and nobody else. */
export function denyPolicy(namespace: string): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'denied', namespace },
    spec: { podSelector: { matchLabels: { role: 'denied' } }, policyTypes: ['Ingress', 'Egress'] },
  };
}

interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly role: 'server' | 'allowed' | 'denied';
  readonly image: string;
}

/** A web server of busybox: something that listens, and goes on listening. */
export function serverPod(facts: PodFacts): Manifest {
  return pod(facts, ['httpd', '-f', '-p', String(port), '-h', '/etc']);
}

/**
 * One attempt to connect; the exit code says whether it got through. Not `wget`: statically linked ones of some distributions crash
 * while they look up the address.
 */
export function clientPod(facts: PodFacts, address: string): Manifest {
  return pod(facts, ['nc', '-w', String(attemptSeconds), address, String(port)]);
}

function pod({ namespace, name, role, image }: PodFacts, command: readonly string[]): Manifest {
  const resources = { cpu: '20m', memory: '32Mi' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { role } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      activeDeadlineSeconds: 300,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_534,
        runAsGroup: 65_534,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'probe',
          image,
          imagePullPolicy: 'IfNotPresent',
          command,
          resources: { requests: resources, limits: resources },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}
