import { expect, test } from 'vitest';
import { checkOrder } from './check-order.ts';
import { prJobObject } from './job.ts';
import { literalText } from './literal-text.ts';
import { scripts } from './script.ts';
import { repositorySecret } from './secret.ts';

const jobName = 'pr-job-pr-12-1767225600000';
const labels = { app: 'catalyst-pr-job', 'created-by': 'catalyst-web-app', 'pr-name': 'pr-12' };
const repository = {
  url: 'https://github.com/acme/shop',
  branch: 'feature/$(TOKEN_FILE)',
  pullRequest: 12,
  imageName: 'ghcr.io/acme/shop:pr-12',
};

test('a job is the one of the documentation, with a deadline and without needless rights', () => {
  const order = checkOrder({ name: 'pr-12' });

  expect(prJobObject({ order, jobName, request: 'r1' })).toStrictEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: jobName, namespace: 'default', labels, annotations: { 'ephemera.dev/request': 'r1' } },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 1800,
      podReplacementPolicy: 'Failed',
      ttlSecondsAfterFinished: 3600,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: 'pr-12-buildx-sa',
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'buildx-container',
              image: 'docker:24-dind',
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', literalText(scripts.example)],
              env: [
                { name: 'JOB_NAME', value: jobName },
                { name: 'NAMESPACE', value: 'default' },
                { name: 'SERVICE_ACCOUNT', value: 'pr-12-buildx-sa' },
                { name: 'BUILDER_LABELS', value: 'created-by=catalyst-web-app,pr-name=pr-12' },
                {
                  name: 'BUILDER_RESOURCES',
                  value: 'requests.cpu=250m,limits.cpu=2,requests.memory=512Mi,limits.memory=4Gi',
                },
                { name: 'BUILDER_ROOTLESS', value: 'true' },
              ],
              resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  });
});

test('a job that a server makes carries its mark, on its pods and on its builder too', () => {
  const order = checkOrder({ name: 'pr-12', builder: 'privileged', activeDeadlineSeconds: 60 });

  const job = prJobObject({ order, jobName, instance: 'i1', request: 'r1' });

  const marked = { ...labels, 'ephemera.dev/instance': 'i1' };
  expect([job.metadata.labels, job.spec.template.metadata?.labels]).toEqual([marked, marked]);
  expect(job.spec.activeDeadlineSeconds).toBe(60);
  expect(job.spec.template.spec.containers[0]?.env?.slice(3)).toEqual([
    { name: 'BUILDER_LABELS', value: 'created-by=catalyst-web-app,pr-name=pr-12,ephemera.dev/instance=i1' },
    expect.objectContaining({ name: 'BUILDER_RESOURCES' }),
    { name: 'BUILDER_ROOTLESS', value: 'false' },
  ]);
});

test('a builder gets what is asked for, and is promised no more than that', () => {
  const resources = (builderLimits: object) => {
    const order = checkOrder({ name: 'pr-12', builderLimits });
    const [container] = prJobObject({ order, jobName, request: 'r1' }).spec.template.spec.containers;
    return container?.env?.find(({ name }) => name === 'BUILDER_RESOURCES')?.value;
  };

  expect(resources({ memory: '16Gi' })).toBe('requests.cpu=250m,limits.cpu=2,requests.memory=512Mi,limits.memory=16Gi');
  expect(resources({ cpu: '0.1', memory: '64Mi' })).toBe(
    'requests.cpu=0.1,limits.cpu=0.1,requests.memory=64Mi,limits.memory=64Mi',
  );
});

test('a repository is data in variables, and a missing Dockerfile is not tried again', () => {
  const order = checkOrder({ name: 'pr-12', repository });

  const { spec } = prJobObject({ order, jobName, request: 'r1' });

  const [container] = spec.template.spec.containers;
  expect(container?.command).toEqual(['sh', '-c', literalText(scripts.repository)]);
  expect(container?.env?.slice(6)).toEqual([
    { name: 'REPO_URL', value: 'https://github.com/acme/shop' },
    { name: 'PR_BRANCH', value: 'feature/$$(TOKEN_FILE)' },
    { name: 'PR_NUMBER', value: '12' },
    { name: 'IMAGE_NAME', value: 'ghcr.io/acme/shop:pr-12' },
    { name: 'DOCKERFILE', value: 'Dockerfile' },
    { name: 'PUSH', value: 'false' },
  ]);
  expect(spec.podFailurePolicy).toEqual({
    rules: [{ action: 'FailJob', onExitCodes: { containerName: 'buildx-container', operator: 'In', values: [66] } }],
  });
  expect([spec.template.spec.volumes, container?.volumeMounts]).toEqual([undefined, undefined]);
  expect(repositorySecret({ order, jobName })).toBeUndefined();
});

test('credentials are files of a Secret of the job, and nowhere in the job', () => {
  const dockerConfigJson = '{"auths":{"ghcr.io":{"auth":"c2VjcmV0"}}}';
  const order = checkOrder({ name: 'pr-12', repository: { ...repository, token: 'ghs_secret', dockerConfigJson } });

  const job = prJobObject({ order, jobName, request: 'r1' });

  const { volumes, containers } = job.spec.template.spec;
  expect(volumes).toEqual([
    { name: 'repository', secret: { secretName: `${jobName}-repository`, defaultMode: 0o444 } },
  ]);
  expect(containers[0]?.volumeMounts).toEqual([
    { name: 'repository', mountPath: '/run/ephemera/repository', readOnly: true },
  ]);
  expect(containers[0]?.env?.slice(12)).toEqual([
    { name: 'TOKEN_FILE', value: '/run/ephemera/repository/token' },
    { name: 'DOCKER_CONFIG_FILE', value: '/run/ephemera/repository/config.json' },
  ]);
  expect(JSON.stringify(job)).not.toMatch(/ghs_secret|c2VjcmV0/);
  expect(repositorySecret({ order, jobName, instance: 'i1' })).toStrictEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `${jobName}-repository`,
      namespace: 'default',
      labels: { ...labels, 'ephemera.dev/instance': 'i1' },
    },
    type: 'Opaque',
    immutable: true,
    stringData: { token: 'ghs_secret', 'config.json': dockerConfigJson },
  });
});

test('only what was given is in the Secret and in the variables', () => {
  const order = checkOrder({ name: 'pr-12', repository: { ...repository, token: 'ghs_secret' } });

  expect(repositorySecret({ order, jobName })?.stringData).toEqual({ token: 'ghs_secret' });
  const [container] = prJobObject({ order, jobName, request: 'r1' }).spec.template.spec.containers;
  expect(container?.env?.map(({ name }) => name)).not.toContain('DOCKER_CONFIG_FILE');
});
