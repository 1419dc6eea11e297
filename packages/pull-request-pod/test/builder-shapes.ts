import type { Manifest } from '@ephemera/model';

/** What buildx 0.36.1 makes of its driver options, field by field as in its driver/kubernetes/manifest. */
export interface BuilderOptions {
  readonly rootless?: boolean;
  readonly qemu?: boolean;
  /** A size: a StatefulSet with a claim. */
  readonly storage?: string;
  /** Files for /etc/buildkit, one ConfigMap per folder. */
  readonly configs?: readonly string[];
  /** The builder's folder in memory. */
  readonly memory?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
  /** Default: that of a job called guarded. */
  readonly serviceAccountName?: string;
}

const probe = {
  exec: { command: ['buildctl', 'debug', 'workers'] },
  initialDelaySeconds: 5,
  timeoutSeconds: 60,
  periodSeconds: 30,
  successThreshold: 1,
  failureThreshold: 3,
};

const rootlessHome = '/home/user';
const entitlement = '--allow-insecure-entitlement=network.host';

/** The Deployment or StatefulSet of a builder. */
export function builderShape(name: string, namespace: string, options: BuilderOptions = {}): Manifest {
  const labels = { app: name, 'created-by': 'catalyst-web-app', 'pr-name': 'guarded' };
  const metadata = { name, namespace, labels, annotations: {} };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template: podTemplate(name, labels, options) };
  if (options.storage === undefined) return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
  const claim = {
    metadata: { name: 'buildkitd' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: options.storage } } },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: { ...spec, serviceName: 'buildkitd', podManagementPolicy: 'Parallel', volumeClaimTemplates: [claim] },
  };
}

function podTemplate(name: string, labels: object, options: BuilderOptions) {
  const { rootless = false, qemu = false, env = {}, limits = {}, serviceAccountName = 'guarded-buildx-sa' } = options;
  const mounted = mountsOf(name, options);
  const image = `moby/buildkit:buildx-stable-1${rootless ? '-rootless' : ''}`;
  return {
    metadata: {
      labels,
      annotations: rootless ? { 'container.apparmor.security.beta.kubernetes.io/buildkitd': 'unconfined' } : {},
    },
    spec: {
      serviceAccountName,
      containers: [
        {
          name: 'buildkitd',
          image,
          args: rootless ? [entitlement, '--oci-worker-no-process-sandbox'] : [entitlement],
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          resources: { limits, requests: {} },
          readinessProbe: probe,
          livenessProbe: probe,
          securityContext: rootless ? { seccompProfile: { type: 'Unconfined' } } : { privileged: true },
          volumeMounts: mounted.map(({ volume, mountPath }) => ({ name: volume.name, mountPath })),
        },
      ],
      ...(qemu
        ? {
            initContainers: [
              {
                name: 'qemu',
                image: 'tonistiigi/binfmt:latest',
                args: ['--install', 'all'],
                securityContext: { privileged: true },
              },
            ],
          }
        : {}),
      volumes: mounted.flatMap(({ volume, claimed }) => (claimed ? [] : [volume])),
    },
  };
}

function mountsOf(name: string, { rootless = false, storage, configs = [], memory }: BuilderOptions) {
  const emptyDir = memory === undefined ? {} : { medium: 'Memory', sizeLimit: memory };
  const files = configs.map((config) => ({
    volume: { name: config, configMap: { name: `${name}-${config}` } },
    mountPath: `/etc/buildkit/${config}`,
    claimed: false,
  }));
  const own = { volume: { name: 'buildkitd', emptyDir }, mountPath: `${rootlessHome}/.local/share/buildkit` };
  // The claim of that name takes the place of the empty folder.
  if (rootless) return [...files, { ...own, claimed: false }];
  if (storage !== undefined) return [{ ...own, mountPath: '/var/lib/buildkit', claimed: true }];
  return memory === undefined
    ? files
    : [...files, { volume: { name: 'buildkit-memory', emptyDir }, mountPath: '/var/lib/buildkit', claimed: false }];
}
