import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { createObject, kubectl, kubectlJson, startKubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { soon, startWorld, type World } from './world.ts';

/** Two environments: one of a branch of the repository (`baseline`), one of a fork (`restricted`). */
let world: World;
let branch: string;
let fork: string;
beforeAll(async () => {
  world = await startWorld();
  await world.repository.open({ head: 'feat/cart' });
  await world.repository.open({ head: 'theirs', author: 'stranger', fork: true });
  await soon(async () => expect((await world.environments()).map(({ status }) => status)).toEqual(['ready', 'ready']));
  const environments = await world.environments();
  branch = environments.find(({ is_fork: isFork }) => !isFork)?.namespace ?? '';
  fork = environments.find(({ is_fork: isFork }) => isFork)?.namespace ?? '';
});
afterAll(async () => world[Symbol.asyncDispose]());

/** What `restricted` asks of every pod. */
const confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
};

interface PodChange {
  readonly spec?: object;
  readonly container?: object;
}

function pod(name: string, namespace: string, { spec = {}, container = {} }: PodChange = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'busybox:1',
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'],
          securityContext: confined,
          ...container,
        },
      ],
      ...spec,
    },
  };
}

/** Runs a command in a pod; what it printed and how it ended. */
async function inPod(namespace: string, script: string): Promise<string> {
  return kubectl(['exec', '-n', namespace, 'inside', '--', 'sh', '-c', script]);
}

/**
 * What the API server says to a pod that asks for a path: the connection is the pod's own, through `nc`; only the encryption is done here,
 * as the image has no program for it.
 */
async function askedFromInside(namespace: string, path: string): Promise<number | 'not reached'> {
  const inside = 'exec nc -w 10 "$KUBERNETES_SERVICE_HOST" "$KUBERNETES_SERVICE_PORT"';
  const child = startKubectl(['exec', '-i', '-n', namespace, 'inside', '--', 'sh', '-c', inside]);
  const [socket, wire] = duplexPair();
  child.stdout.pipe(wire).pipe(child.stdin);
  const secure = connect({ socket, rejectUnauthorized: false });
  // Not `end`: the API server drops the request of somebody who hangs up.
  secure.write(`GET ${path} HTTP/1.1\r\nhost: kubernetes\r\nconnection: close\r\n\r\n`);
  try {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(await text(secure))?.[1];
    return status === undefined ? 'not reached' : Number(status);
  } catch {
    return 'not reached';
  } finally {
    secure.destroy();
    child.kill();
  }
}

async function runInside(namespace: string): Promise<void> {
  await createObject(pod('inside', namespace));
  await kubectl(['wait', '-n', namespace, 'pod/inside', '--for=condition=Ready', '--timeout=50s']);
}

test('case 13: a pod of a pull request has no token, and the API server refuses whoever asks from inside', async () => {
  for (const namespace of [branch, fork]) {
    await runInside(namespace);
    expect(await inPod(namespace, 'ls /var/run/secrets/kubernetes.io/serviceaccount 2>&1 || true')).toContain(
      'No such file',
    );
    const mounted = await kubectlJson<{ spec: { volumes?: unknown[]; serviceAccountName: string } }>(
      'get',
      'pod',
      'inside',
      '-n',
      namespace,
    );
    expect(mounted.spec).toMatchObject({ serviceAccountName: 'default' });
    expect(mounted.spec.volumes ?? []).toEqual([]);
    // Where the network policy is enforced the API server is not reached at all; where it is not, it answers everybody with its version.
    const version = await askedFromInside(namespace, '/version');
    expect([200, 401, 403, 'not reached']).toContain(version);
    for (const path of ['/api/v1/secrets', `/api/v1/namespaces/${namespace}/pods`, '/apis']) {
      expect(version === 'not reached' ? [version] : [401, 403]).toContain(await askedFromInside(namespace, path));
    }
    expect(await inPod(namespace, 'command -v nc')).toContain('nc');
  }
});

interface Rules {
  readonly status: {
    readonly resourceRules: readonly {
      readonly verbs: string[];
      readonly apiGroups?: string[];
      readonly resources?: string[];
    }[];
    readonly nonResourceRules: readonly { readonly verbs: string[]; readonly nonResourceURLs?: string[] }[];
  };
}

/** What Kubernetes lets everybody with an account do: ask about themselves, and read what the API offers. */
const aboutThemselves = /^self(subject(access|rules)reviews|subjectreviews)$/;
const offered = /^\/(\.well-known|openid|api|apis|healthz|livez|readyz|openapi|version)(\/?\*?|\/.*)$/;

test('case 13: the account of a pull request may do nothing to anything', async () => {
  for (const namespace of [branch, fork]) {
    const account = `system:serviceaccount:${namespace}:default`;
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
    const asAccount = ['--as', account, '--as-group', 'system:serviceaccounts', '--as-group', 'system:authenticated'];
    const answer = await kubectl(
      ['create', '-f', '-', '-o', 'json', '--validate=false', ...asAccount],
      JSON.stringify(review),
    );
    const { resourceRules, nonResourceRules } = (JSON.parse(answer) as Rules).status;
    const resources = resourceRules.flatMap((rule) => rule.resources ?? []);
    expect(resources.filter((resource) => !aboutThemselves.test(resource))).toEqual([]);
    expect(nonResourceRules.flatMap(({ verbs }) => verbs).filter((verb) => verb !== 'get')).toEqual([]);
    expect(nonResourceRules.flatMap((rule) => rule.nonResourceURLs ?? []).filter((url) => !offered.test(url))).toEqual(
      [],
    );
  }
});

test('case 13: no verb on no resource is allowed to that account, in its namespace, in another, or in the whole cluster', async () => {
  const verbs = [
    'get',
    'list',
    'watch',
    'create',
    'update',
    'patch',
    'delete',
    'deletecollection',
    'impersonate',
    'bind',
    'escalate',
  ];
  const resources = [
    'pods',
    'pods/exec',
    'pods/log',
    'secrets',
    'configmaps',
    'serviceaccounts/token',
    'jobs.batch',
    'nodes',
    'namespaces',
    'roles.rbac.authorization.k8s.io',
    'clusterroles.rbac.authorization.k8s.io',
  ];
  const account = `system:serviceaccount:${fork}:default`;
  const reviews = verbs.flatMap((verb) =>
    resources.flatMap((resource) =>
      [fork, branch, ''].map((namespace) => accessReview({ account, verb, resource, namespace })),
    ),
  );
  const answers = await kubectl(
    ['create', '-f', '-', '-o', 'json'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: reviews }),
  );
  const allowed = reviewed(answers).filter(({ status }) => status.allowed);
  expect(reviewed(answers)).toHaveLength(verbs.length * resources.length * 3);
  expect(allowed.map(({ spec }) => spec)).toEqual([]);
});

interface Asked {
  readonly account: string;
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
}

function accessReview({ account, verb, resource, namespace }: Asked): object {
  const [path = '', ...group] = resource.split('.');
  const [name, subresource] = path.split('/');
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: account,
      groups: ['system:serviceaccounts', 'system:authenticated'],
      resourceAttributes: {
        verb,
        resource: name,
        group: group.join('.'),
        namespace,
        ...(subresource === undefined ? {} : { subresource }),
      },
    },
  };
}

interface Review {
  readonly spec: object;
  readonly status: { readonly allowed: boolean };
}

/** kubectl prints one object after the other, or one list. */
function reviewed(printed: string): readonly Review[] {
  const parts = printed
    .trim()
    .split(/\n(?=\{)/)
    .map((part) => JSON.parse(part) as Review & { items?: readonly Review[] });
  return parts.flatMap((part) => part.items ?? [part]);
}

const hostPath = { spec: { volumes: [{ name: 'host', hostPath: { path: '/' } }] } };
const root = { container: { securityContext: {} } };

test.each([
  ['a hostPath volume', hostPath, 'hostPath'],
  ['a privileged container', { container: { securityContext: { privileged: true } } }, 'privileged'],
  ['the network of the node', { spec: { hostNetwork: true } }, 'host namespaces'],
  ['the processes of the node', { spec: { hostPID: true } }, 'host namespaces'],
  ['a port of the node', { container: { ports: [{ containerPort: 80, hostPort: 80 }] } }, 'hostPort'],
  ['more capabilities', { container: { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } } }, 'capabilities'],
  [
    'no seccomp profile at all',
    { spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } } },
    'seccompProfile',
  ],
] satisfies [string, PodChange, string][])(
  'case 14: a pod with %s is refused by name in every environment',
  async (_what, change, reason) => {
    for (const [namespace, profile] of [
      [branch, 'baseline'],
      [fork, 'restricted'],
    ] as const) {
      const refused = createObject(pod('refused', namespace, change));
      await expect(refused).rejects.toThrow(new RegExp(`violates PodSecurity "${profile}.*${reason}`, 's'));
    }
    await expect(kubectl(['get', 'pod', 'refused', '-n', branch])).rejects.toThrow(/not found/);
  },
);

test.each([
  ['root and every default capability', root, 'runAsNonRoot'],
  [
    'a gitRepo volume',
    { spec: { volumes: [{ name: 'source', gitRepo: { repository: 'https://git.example/x' } }] } },
    'restricted volume types',
  ],
] satisfies [string, PodChange, string][])(
  "case 14: a fork's pod with %s is refused by name",
  async (_what, change, reason) => {
    const refused = createObject(pod('refused', fork, change));
    await expect(refused).rejects.toThrow(new RegExp(`violates PodSecurity "restricted.*${reason}`, 's'));
  },
);

test('case 14: a pod without limits gets the default ones, and one beyond the quota is refused by name', async () => {
  await createObject(pod('small', branch));
  const { spec } = await kubectlJson<{ spec: { containers: { resources: object }[] } }>(
    'get',
    'pod',
    'small',
    '-n',
    branch,
  );
  expect(spec.containers[0]?.resources).toMatchObject({ limits: { cpu: '100m', memory: '200Mi' } });
  const large = pod('large', branch, { container: { resources: { limits: { cpu: '64', memory: '640Gi' } } } });
  await expect(createObject(large)).rejects.toThrow(/exceeded quota: environment/);
});

test('case 14: a Job whose pods are refused says so in an event, with the rule', async () => {
  const template = (pod('unused', fork, root) as { spec: object }).spec;
  await createObject({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'refused', namespace: fork },
    spec: { template: { spec: { ...template, restartPolicy: 'Never' } } },
  });
  await soon(async () => {
    const { items } = await kubectlJson<{ items: { reason: string; message: string }[] }>(
      'get',
      'events',
      '-n',
      fork,
      '--field-selector',
      'involvedObject.name=refused',
    );
    expect(items.map(({ reason, message }) => `${reason}: ${message}`).join('\n')).toMatch(
      /FailedCreate: .*violates PodSecurity "restricted/,
    );
  });
});
