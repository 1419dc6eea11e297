import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from '@ephemera/job/compile';

const iac = join(import.meta.dirname, '..', 'iac');

export const hackManifest = (): unknown => readManifest(hackText(), { source: 'manifest.yaml' });
export const hackText = (): string => readFileSync(join(iac, 'hack', 'manifest.yaml'), 'utf8');

/** Credentials for registries that no registry knows. */
export const dockerConfigJson = JSON.stringify({ auths: { 'registry.example': { auth: 'bm9ib2R5OnNlY3JldA==' } } });

export const minimal = {
  apiVersion: 'kubernetes.project-planton.org/v1',
  kind: 'KubernetesJob',
  metadata: { name: 'small' },
  spec: { namespace: 'default', image: { repo: 'busybox', tag: '1' }, command: ['true'] },
};

/** Every kind of object, and every label. */
export function everything(namespace: string) {
  return {
    ...minimal,
    metadata: {
      name: 'everything',
      id: 'k8sjob-1',
      org: 'acme',
      env: 'test',
      labels: { team: 'shop' },
      annotations: { 'pulumi.com/replaceUnready': 'true', 'acme.example/why': 'a test' },
    },
    spec: {
      ...minimal.spec,
      namespace,
      createNamespace: true,
      resources: { limits: { cpu: '200m', memory: '64Mi' }, requests: { cpu: '10m', memory: '16Mi' } },
      env: {
        variables: [{ name: 'MODE', value: 'all' }],
        secrets: [
          { name: 'API_KEY', value: 'key-that-nobody-may-see' },
          { name: 'AGAIN', secretRef: { name: 'everything-env-secrets', key: 'API_KEY' } },
        ],
      },
      configMaps: { 'run.sh': 'test "$API_KEY" = "$AGAIN" && echo $MODE', settings: 'a=1\n' },
      volumeMounts: [
        { name: 'script', mountPath: '/run.sh', subPath: 'run.sh', configMap: { name: 'run.sh' } },
        { name: 'scratch', mountPath: '/scratch', emptyDir: {} },
      ],
      command: ['sh', '/run.sh'],
    },
  };
}
