import { join } from 'node:path';
import { connectCluster, findAccess, type ApiResource } from '@ephemera/kube';
import { kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { managerRules } from '../../src/rights/index.ts';
import { rightsOfApp, rightsOfSandbox, type AccountRights } from '../../src/verify/rights-checks.ts';
import { startRightsNamespace, type RightsNamespace } from './rights-namespace.ts';

const page = join(import.meta.dirname, '..', '..', '..', '..', 'k8s', 'rights.md');
const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
const cluster = await connectCluster(findAccess({ kubeconfigPath, context }));

let namespace: RightsNamespace;
let rights: { readonly app: AccountRights; readonly sandbox: AccountRights };
beforeAll(async () => {
  namespace = await startRightsNamespace('matrix');
  const place = { cluster, namespace: namespace.name };
  rights = { app: await rightsOfApp(place), sandbox: await rightsOfSandbox(place) };
});
afterAll(async () => {
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const text = ({ group, resource }: Pick<ApiResource, 'group' | 'resource'>): string =>
  group === '' ? resource : `${resource} (${group})`;

/** `verb resource` of everything that the API server allows, and whether in all namespaces. */
const allowedOf = ({ answers }: AccountRights): readonly string[] =>
  answers
    .filter(({ allowed }) => allowed)
    .map(({ right }) => `${right.verb} ${text(right)}${right.namespace === undefined ? ' everywhere' : ''}`);

test('of all verbs on all resources of the API server the application may exactly what the Role says, in its namespace only', () => {
  const wanted = managerRules.flatMap(({ group, resource, verbs }) =>
    verbs.map((verb) => `${verb} ${text({ group, resource })}`),
  );
  expect(allowedOf(rights.app).toSorted()).toEqual(wanted.toSorted());
});

test('of all verbs on all resources of the API server the account of sandboxes may none', () => {
  expect(rights.sandbox.answers.length).toBeGreaterThan(500);
  expect(allowedOf(rights.sandbox)).toEqual([]);
});

// A cluster of the user's may have another version, or more in it.
test.skipIf(context !== undefined)('the matrix of both accounts is the committed one', async () => {
  const { resources, unknown } = await cluster.resources();
  expect(unknown).toEqual([]);
  // What others have installed in the cluster is no part of Kubernetes, and was asked about above.
  const installed = await kubectlJson<{ items: { spec: { group: string } }[] }>('get', 'customresourcedefinitions');
  const foreign = new Set(installed.items.map(({ spec }) => spec.group));
  const may = (account: AccountRights, { group, resource }: ApiResource): string =>
    account.answers
      .filter(({ right, allowed }) => allowed && right.group === group && right.resource === resource)
      .map(({ right }) => right.verb)
      .join(' ') || '–';
  const rows = resources
    .filter(({ group }) => !foreign.has(group))
    .map((each) => {
      const where = each.namespaced ? 'namespace' : 'cluster';
      return `| ${each.group || 'core'} | ${each.resource} | ${where} | ${may(rights.app, each)} | ${may(rights.sandbox, each)} |`;
    });
  await expect(`${heading(await cluster.version())}\n${rows.join('\n')}\n`).toMatchFileSnapshot(page);
});

function heading(version: string): string {
  const release = /^v\d+\.\d+/.exec(version)?.[0] ?? version;
  return `<!-- Made from what an API server says: packages/sandbox/test/rights/matrix.cluster.test.ts. Do not edit. -->

# What the two accounts may do

Asked of the API server of Kubernetes ${release}, by SubjectAccessReview, for both accounts of \`k8s/rbac\`: get, list, watch, create, update, patch,
delete and deletecollection on every resource and subresource that it has, and bind, escalate, impersonate, approve, sign and attest where
these mean something. What is not in a column is refused. Rights in other namespaces were asked about too, and there are none.

Not in the table: what every account may do on every cluster, which is to ask about itself (\`create\` on \`selfsubjectaccessreviews\`,
\`selfsubjectrulesreviews\` and \`selfsubjectreviews\`).

| API group | resource | of a | \`ci-fixer-app\` may | \`ci-fixer-sandbox\` may |
| --- | --- | --- | --- | --- |`;
}
