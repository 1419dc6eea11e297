import type { Owner } from '@ephemera/kube';
import type { Manifest } from '@ephemera/model';
import { guardRules, guardVariables } from './guard-rules.ts';

/** The name of the policy and of its binding: one for the whole cluster, shared by all servers and by jobs without one. */
export const guardName = 'ephemera-pull-request-pods';

/** Without the label of a server: nobody owns it alone, and it stays when a server goes. */
export const guardOwner: Owner = {
  labels: { 'app.kubernetes.io/part-of': 'ephemera', 'app.kubernetes.io/component': 'pull-request-pod-guard' },
};

/**
 * The admission policy that limits what the accounts of jobs may create, in every namespace, and the binding that puts it into force.
 * Needed because whoever may create a Deployment reaches every Secret of the namespace through it, and the node through a privileged
 * one; rules of a Role cannot say what is in an object.
 */
export function guardObjects(): readonly [policy: Manifest, binding: Manifest] {
  const metadata = () => ({ name: guardName, labels: { ...guardOwner.labels } as Record<string, string> });
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
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
            {
              apiGroups: ['apps'],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE'],
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
        variables: guardVariables.map((variable) => ({ ...variable })),
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
