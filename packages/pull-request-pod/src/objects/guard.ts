import type { Owner } from '@ephemera/kube';
import { labelPrefix, type Manifest } from '@ephemera/model';
import type { GuardRule } from './guard-cel.ts';
import { nameRules, nameVariables } from './guard-names.ts';
import { podRules, podVariables, writtenRules } from './guard-rules.ts';

/** The name of the policy and of its binding: one for the whole cluster, shared by all servers and by jobs without one. */
export const guardName = 'ephemera-pull-request-pods';

/** Without the label of a server: nobody owns it alone, and it stays when a server goes. */
export const guardOwner: Owner = {
  labels: { 'app.kubernetes.io/part-of': 'ephemera', 'app.kubernetes.io/component': 'pull-request-pod-guard' },
};

/** On both objects: the newer of two versions of Ephemera in one cluster has the last word. To be raised with each change of the rules. */
export const guardVersionAnnotation = `${labelPrefix}/guard-version`;
const guardVersion = 2;

const writes = `request.operation in ['CREATE', 'UPDATE']`;

/** All of them, each with when it counts. */
export const guardRules: readonly GuardRule[] = [
  ...nameRules,
  ...only(writes, writtenRules),
  ...only(`${writes} && request.resource.resource != 'configmaps'`, podRules),
];

function only(when: string, rules: readonly GuardRule[]): readonly GuardRule[] {
  return rules.map(({ expression, message }) => ({ expression: `!(${when}) || (${expression})`, message }));
}

/**
 * The admission policy that limits what the accounts of jobs may do, in every namespace, and the binding that puts it into force.
 * Needed because whoever may create a Deployment reaches every Secret of the namespace through it, and the node through a privileged
 * one, and because rules of a Role know neither what is in an object nor how one that is yet to be made will be called: they can only
 * give all pods, Deployments and ConfigMaps of the namespace, or none.
 */
export function guardObjects(): readonly [policy: Manifest, binding: Manifest] {
  const metadata = () => ({
    name: guardName,
    labels: { ...guardOwner.labels } as Record<string, string>,
    annotations: { [guardVersionAnnotation]: String(guardVersion) },
  });
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: metadata(),
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'DELETE'], resources: ['pods'] },
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CONNECT'],
              resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy'],
            },
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE', 'DELETE'],
              resources: ['configmaps'],
            },
            {
              apiGroups: ['apps'],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE', 'DELETE'],
              resources: ['deployments', 'statefulsets'],
            },
          ],
        },
        matchConditions: [
          {
            name: 'account-of-a-job',
            expression: `request.userInfo.username.matches('^system:serviceaccount:[a-z0-9-]+:[a-z0-9-]+-buildx-sa$')`,
          },
        ],
        variables: [...nameVariables, ...podVariables].map((variable) => ({ ...variable })),
        validations: guardRules.map((rule) => ({ ...rule, reason: 'Forbidden' })),
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: metadata(),
      spec: { policyName: guardName, validationActions: ['Deny'] },
    },
  ];
}
