import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { kubectl, startKubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, describe, expect, test } from 'vitest';
import { createPrJob, ensureAccount, type RoleProfile } from '../src/index.ts';
import { order, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster } = world;

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
const resources = [
  'pods',
  'pods/log',
  'pods/exec',
  'pods/attach',
  'pods/portforward',
  'pods/ephemeralcontainers',
  'secrets',
  'configmaps',
  'services',
  'serviceaccounts',
  'serviceaccounts/token',
  'persistentvolumeclaims',
  'events',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'networkpolicies.networking.k8s.io',
  'leases.coordination.k8s.io',
] as const;

/** Everything that an account may do in its namespace; what is not here it may not. */
const allowed: Readonly<Record<RoleProfile, Readonly<Partial<Record<(typeof resources)[number], string>>>>> = {
  minimal: {
    'deployments.apps': 'get create delete',
    'statefulsets.apps': 'get create delete',
    configmaps: 'create update delete',
    pods: 'list',
    'pods/exec': 'get create',
  },
  seed: {
    pods: 'get list watch create delete',
    'pods/log': 'get',
    configmaps: 'get list create update delete',
    secrets: 'get list',
    'deployments.apps': 'get create delete',
    'statefulsets.apps': 'get create delete',
    'pods/exec': 'get create',
  },
};

interface Question {
  readonly verb: string;
  /** With its group after a dot, and a subresource after a slash. */
  readonly resource: string;
  readonly namespace?: string;
}

/** What the API server itself judges, as `kubectl auth can-i --as` asks it; all questions with one program. */
async function answers(account: string, questions: readonly Question[]): Promise<readonly boolean[]> {
  const [, , home = ''] = account.split(':');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${home}`, 'system:authenticated'];
  const items = questions.map(({ verb, resource: full, namespace }) => {
    const [kind = '', subresource] = full.split('/');
    const [resource, ...group] = kind.split('.');
    const resourceAttributes = { verb, resource, subresource, group: group.join('.'), namespace };
    return {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: account, groups, resourceAttributes },
    };
  });
  const said = await kubectl(['create', '-f', '-', '-o', 'json'], { apiVersion: 'v1', kind: 'List', items });
  const reviews = said
    .split(/^(?=\{$)/m)
    .map((text) => JSON.parse(text) as { spec: unknown; status: { allowed: boolean } });
  expect(reviews.map(({ spec }) => spec)).toEqual(
    JSON.parse(JSON.stringify(items.map(({ spec }) => withoutNothing(spec)))),
  );
  return reviews.map(({ status }) => status.allowed);
}

/** As the API server writes it: what is empty is left out. */
function withoutNothing({ resourceAttributes, ...spec }: { readonly resourceAttributes: object }) {
  const given = Object.entries(resourceAttributes).filter(([, value]) => value !== '' && value !== undefined);
  return { ...spec, resourceAttributes: Object.fromEntries(given) };
}

/** The verbs that an account may use in a namespace, by resource. */
async function matrix(account: string, namespace: string): Promise<Record<string, string>> {
  const questions = resources.flatMap((resource) => verbs.map((verb) => ({ resource, verb, namespace })));
  const allowedOnes = await answers(account, questions);
  const rows: Record<string, string> = {};
  for (const [at, { resource, verb }] of questions.entries())
    if (allowedOnes[at]) rows[resource] = rows[resource] === undefined ? verb : `${rows[resource]} ${verb}`;
  return rows;
}

/** Of a kubectl that may fail: with 1, where `can-i` says no. */
async function answerOf(args: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  const child = startKubectl(args);
  child.stderr.resume();
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code, said };
}

const profiles = ['seed', 'minimal'] as const;

describe.each(profiles)('an account with the profile %s', (profile) => {
  test('may do in its namespace what the table says, and nothing else', async () => {
    const namespace = await world.namespace(`matrix-${profile}`);
    const { serviceAccountName } = await createPrJob(cluster, order({ name: 'matrix', namespace, profile }));
    const account = `system:serviceaccount:${namespace}:${serviceAccountName}`;
    expect(await matrix(account, namespace)).toEqual(allowed[profile]);
  });

  test('may do nothing in another namespace, nor in the whole cluster', async () => {
    const namespace = await world.namespace(`here-${profile}`);
    const { serviceAccountName } = await ensureAccount(cluster, { name: 'here', namespace, profile });
    const account = `system:serviceaccount:${namespace}:${serviceAccountName}`;
    const elsewhere = await world.namespace(`there-${profile}`);
    const questions: Question[] = [elsewhere, 'kube-system'].flatMap((place) =>
      ['pods', 'secrets', 'configmaps', 'deployments.apps', 'jobs.batch'].flatMap((resource) =>
        verbs.map((verb) => ({ verb, resource, namespace: place })),
      ),
    );
    questions.push(
      { verb: 'list', resource: 'nodes' },
      { verb: 'create', resource: 'namespaces' },
      { verb: 'create', resource: 'clusterrolebindings.rbac.authorization.k8s.io' },
      { verb: 'delete', resource: 'validatingadmissionpolicies.admissionregistration.k8s.io' },
      { verb: 'impersonate', resource: 'serviceaccounts', namespace },
      { verb: 'escalate', resource: 'roles.rbac.authorization.k8s.io', namespace },
      { verb: 'bind', resource: 'clusterroles.rbac.authorization.k8s.io' },
    );
    const may = await answers(account, questions);
    expect(questions.filter((_, at) => may[at])).toEqual([]);
  });

  test('is told the same by kubectl auth can-i', async () => {
    const namespace = await world.namespace(`asked-${profile}`);
    const { serviceAccountName } = await ensureAccount(cluster, { name: 'asked', namespace, profile });
    const as = [`--as=system:serviceaccount:${namespace}:${serviceAccountName}`, '-n', namespace];
    expect(await kubectl(['auth', 'can-i', 'create', 'deployments.apps', ...as])).toBe('yes\n');
    expect(await answerOf(['auth', 'can-i', 'create', 'rolebindings', ...as])).toEqual({ code: 1, said: 'no\n' });
  });
});
