import { randomBytes } from 'node:crypto';
import type { KubeObject, Pod } from '@ephemera/model';
import { describe, expect, test, vi } from 'vitest';
import {
  checkOrder,
  cleanupPrJob,
  createPrJob,
  prJobLogs,
  prJobStatus,
  privilegedBuildersLabel,
  type CreatedPrJob,
  type PullRequestPodOptions,
} from '../src/index.ts';
import { patience, startBuildWorld, type BuildWorld } from './buildx/build-world.ts';
import { startGitServer } from './buildx/git-server.ts';
import { killProcessesOf } from './buildx/power-loss.ts';
import { readPushed } from './buildx/pushed-image.ts';

const { EPHEMERA_TEST_BUILDX: provided, EPHEMERA_TEST_NODE: node = '' } = process.env;
const { registry = '' } = JSON.parse(provided ?? '{}') as { registry?: string };

interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

const accountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The name of a branch that every shell would take apart, and Git does not. */
const hostileBranch = `x;$(touch$IFS/tmp/pwned)"'|&`;

describe.skipIf(provided === undefined)('a job that builds with buildx', () => {
  test('makes a builder with the rights of its account alone, builds a RUN, and leaves no builder', async () => {
    await using world = await startBuildWorld();
    const job = await start(world, { name: 'pr-123-build' });
    expect(job).toMatchObject({ profile: 'seed', warnings: [] });

    // What a person sees while it builds.
    await vi.waitFor(async () => {
      const shown = await world.kubectl('get', 'all', '-l', 'pr-name=pr-123-build', '-o', 'name');
      expect(shown).toContain(`deployment.apps/${job.jobName}\n`);
      expect(shown).toMatch(new RegExp(`^pod/${job.jobName}-[0-9a-f]+-[a-z0-9]{5}$`, 'm'));
    }, patience);
    const builder = await read<Deployment>(world, 'deployment', job.jobName);
    expect(builder.spec.template.spec).toMatchObject({
      serviceAccountName: 'pr-123-build-buildx-sa',
      containers: [
        {
          image: 'moby/buildkit:buildx-stable-1-rootless',
          resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: '2', memory: '4Gi' } },
        },
      ],
    });
    const [made] = (await read<{ items: Pod[] }>(world, 'pods', '-l', `app=${job.jobName}`)).items;
    // Nothing is mounted of any account.
    expect(made?.spec.volumes?.map((volume) => Object.keys(volume).toSorted())).toEqual([['emptyDir', 'name']]);
    const [own] = (await read<{ items: Pod[] }>(world, 'pods', '-l', `job-name=${job.jobName}`)).items;
    expect(own?.spec.volumes?.map((volume) => Object.keys(volume))).toEqual([['name', 'projected']]);

    const log = await logToTheEnd(world, job);
    expect(log).toMatch(/RUN echo "Built in a pod of this cluster." > \/built/);
    expect(log).toContain('my-image was built successfully.');
    expect(await status(world, job)).toMatchObject({ status: 'Complete', succeeded: 1, failed: 0 });
    await vi.waitFor(async () => {
      const left = await world.contents();
      expect(left.filter((object) => /^(deployment|replicaset|statefulset|configmap\/pr-job)/.test(object))).toEqual(
        [],
      );
      expect(left.filter((object) => object.startsWith('pod/'))).toEqual([`pod/${own?.metadata.name}`]);
    }, patience);
  });

  test('may have a privileged builder where the namespace allows it', async () => {
    await using world = await startBuildWorld();
    await world.kubectl('label', 'namespace', world.namespace, `${privilegedBuildersLabel}=true`);
    const job = await start(world, { name: 'privileged', profile: 'minimal', builder: 'privileged' });
    expect(job).toMatchObject({ profile: 'minimal', warnings: [] });
    const log = logToTheEnd(world, job);
    log.catch(() => undefined);
    const shown = await vi.waitFor(() => read<Deployment>(world, 'deployment', job.jobName), patience);
    expect(shown.spec.template.spec.containers[0]).toMatchObject({
      image: 'moby/buildkit:buildx-stable-1',
      securityContext: { privileged: true },
    });
    expect(await log).toContain('my-image was built successfully.');
  });

  test('builds and pushes a branch of a private repository, whatever it is called, and shows its token nowhere', async () => {
    await using world = await startBuildWorld();
    await using git = await startGitServer(node, `token-${randomBytes(12).toString('hex')}`);
    const commit = await git.branch(hostileBranch, {
      Dockerfile: [
        'FROM busybox:1',
        'COPY words /words',
        'RUN mkdir /srv && rev /words > /srv/built && chown 1000:1000 /srv/built && id -u >> /srv/built',
        'USER 1000',
        'CMD ["cat", "/srv/built"]',
      ].join('\n'),
      words: 'made by the branch\n',
      // What buildx would read as a policy, and quote in the log where it is none.
      'Dockerfile.rego': `-> ${accountToken}`,
    });
    const imageName = `${registry}/${world.namespace}/shop:pr-7`;
    const job = await start(world, {
      name: 'shop-7',
      profile: 'minimal',
      repository: { url: git.url, branch: hostileBranch, pullRequest: 7, imageName, push: true, token: git.token },
    });
    const log = logToTheEnd(world, job);
    log.catch(() => undefined);
    await vi.waitFor(() => world.kubectl('get', 'deployment', job.jobName), patience);
    const [pod = ''] = (await world.kubectl('get', 'pods', '-l', `job-name=${job.jobName}`, '-o', 'name')).split('\n');
    expect(await world.kubectl('exec', pod, '--', 'ls', '/tmp')).not.toContain('pwned');
    const ownToken = await world.kubectl('exec', pod, '--', 'cat', accountToken);
    expect(ownToken).toMatch(/^eyJ/);
    // Everything that the cluster has of it, but the one Secret.
    const seen = await world.kubectl('get', 'jobs,pods,deployments,replicasets,configmaps,events', '-o', 'json');

    expect(await log).toContain(`Commit ${commit}.`);
    expect(await status(world, job)).toMatchObject({ status: 'Complete', succeeded: 1, failed: 0 });
    const pushed = await readPushed(imageName);
    expect(pushed.config.config).toMatchObject({ User: '1000', Cmd: ['cat', '/srv/built'] });
    expect(await pushed.file('srv/built')).toBe('hcnarb eht yb edam\n0\n');
    // Git asks first as nobody.
    expect(git.requests.refused).toBeGreaterThan(0);
    expect(git.requests.allowed).toBeGreaterThan(0);
    for (const written of [git.token, Buffer.from(git.token).toString('base64'), ownToken]) {
      expect(await log).not.toContain(written);
      expect(seen).not.toContain(written);
    }
  });

  test('of a branch without a Dockerfile fails at once with a sentence that says so, and makes no builder', async () => {
    await using world = await startBuildWorld();
    await using git = await startGitServer(node, 'token');
    await git.branch('docs', { 'README.md': 'Nothing to build.\n' });
    const job = await start(world, {
      name: 'docs-8',
      repository: { url: git.url, branch: 'docs', pullRequest: 8, imageName: 'docs:pr-8', token: git.token },
    });
    const log = await logToTheEnd(world, job);
    expect(log).toContain('There is no file Dockerfile on this branch: nothing can be built.');
    expect(log).not.toContain('k8s-builder');
    await vi.waitFor(async () => {
      expect(await status(world, job)).toMatchObject({ status: 'Failed', failed: 1 });
    }, patience);
  });

  test('removes its builder when it is told to end in the middle of its build', async () => {
    await using world = await startBuildWorld();
    await using git = await startGitServer(node, 'token');
    const before = await world.contents();
    await git.branch('main', {
      Dockerfile: 'FROM busybox:1\nRUN echo the step has begun; while :; do sleep 1; done\n',
    });
    const job = await start(world, {
      name: 'shop-10',
      repository: { url: git.url, branch: 'main', pullRequest: 10, imageName: 'shop:pr-10', token: git.token },
    });
    const log = logToTheEnd(world, job);
    log.catch(() => undefined);
    await vi.waitFor(async () => {
      expect(await world.kubectl('logs', `job/${job.jobName}`)).toMatch(/^#\d+ [\d.]+ the step has begun$/m);
    }, patience);

    // As a drain of its node tells it: the Job and its account stay.
    await world.kubectl('patch', 'job', job.jobName, '--type=merge', '-p', '{"spec":{"suspend":true}}');

    expect(await log).toMatch(/Ended by signal TERM\.[^]*The builder is removed\./);
    await vi.waitFor(async () => {
      expect((await world.contents()).filter((object) => /^(deployment|replicaset|pod)/.test(object))).toEqual([]);
    }, patience);
    await cleanupPrJob(world.cluster, { name: 'shop-10', namespace: world.namespace });
    expect(await world.contents()).toEqual(before);
  });

  test('leaves nothing at all when it is killed in the middle of its build and then cleaned up', async () => {
    await using world = await startBuildWorld();
    await using git = await startGitServer(node, 'token');
    await git.branch('main', {
      Dockerfile: 'FROM busybox:1\nRUN echo the step has begun; while :; do sleep 1; done\n',
    });
    const before = await world.contents();
    const job = await start(world, {
      name: 'shop-9',
      repository: { url: git.url, branch: 'main', pullRequest: 9, imageName: 'shop:pr-9', token: git.token },
    });
    await vi.waitFor(async () => {
      expect(await world.kubectl('logs', `job/${job.jobName}`)).toMatch(/^#\d+ [\d.]+ the step has begun$/m);
    }, patience);

    expect(await killProcessesOf(job.jobName)).toBeGreaterThan(0);
    await world.kubectl('delete', 'pod', '-l', `job-name=${job.jobName}`, '--force', '--grace-period=0');
    const builder = await read<Deployment>(world, 'deployment', job.jobName);
    expect(builder.metadata.deletionTimestamp).toBeUndefined();

    const { removed, kept } = await cleanupPrJob(world.cluster, { name: 'shop-9', namespace: world.namespace });
    expect(kept).toEqual([]);
    expect(removed).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`eployment/.*${job.jobName}$`))]));
    expect(await world.contents()).toEqual(before);
  });
});

function start({ cluster, namespace }: BuildWorld, options: PullRequestPodOptions): Promise<CreatedPrJob> {
  return createPrJob(cluster, checkOrder({ ...options, namespace }));
}

function status({ cluster, namespace }: BuildWorld, { jobName }: CreatedPrJob) {
  return prJobStatus(cluster, { jobName, namespace });
}

async function read<Answer>(world: BuildWorld, ...what: string[]): Promise<Answer> {
  return JSON.parse(await world.kubectl('get', ...what, '-o', 'json'));
}

/** Follows until the job has ended. Who awaits it later catches it at once too: a test that fails before that has one error, not two. */
async function logToTheEnd({ cluster, namespace }: BuildWorld, { jobName }: CreatedPrJob): Promise<string> {
  const lines: string[] = [];
  await prJobLogs(
    cluster,
    { jobName, namespace },
    {
      follow: true,
      signal: AbortSignal.timeout(patience.timeout),
      onLine: ({ line }) => void lines.push(line),
      onWarning: () => undefined,
    },
  );
  return lines.join('\n');
}
