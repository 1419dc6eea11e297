import type { ApiResource, Right } from '@ephemera/kube';
import type { ManagerRule } from '../rights/rules.ts';

/** Of which rights exist: every verb on every resource, and the few verbs that mean something on single resources only. */
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const rbac = 'rbac.authorization.k8s.io';
const certificates = 'certificates.k8s.io';
const specialVerbs: readonly {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}[] = [
  ...['roles', 'clusterroles'].map((resource) => ({ group: rbac, resource, verbs: ['bind', 'escalate'] })),
  ...['users', 'groups', 'serviceaccounts'].map((resource) => ({ group: '', resource, verbs: ['impersonate'] })),
  ...['uids', 'userextras'].map((resource) => ({ group: 'authentication.k8s.io', resource, verbs: ['impersonate'] })),
  { group: certificates, resource: 'signers', verbs: ['approve', 'sign', 'attest'] },
];

/** What every account may do on every cluster: ask about itself. Neither gives nor shows anything of others. */
const aboutOneself = ['authentication.k8s.io/selfsubjectreviews', 'authorization.k8s.io/selfsubjectaccessreviews'];
const isAboutOneself = ({ verb, group, resource }: Right): boolean =>
  verb === 'create' &&
  [...aboutOneself, 'authorization.k8s.io/selfsubjectrulesreviews'].includes(`${group}/${resource}`);

export interface Question {
  readonly right: Right;
  /** Whether the account should have it. */
  readonly wanted: boolean;
}

export interface Matrix {
  readonly resources: readonly ApiResource[];
  /** What the account should be able to do, in this namespace only. */
  readonly rules: readonly ManagerRule[];
  readonly namespace: string;
}

/**
 * Every right that there is to ask about: for resources in namespaces in this one, for others in the cluster. Rights of the rules are
 * asked about for all namespaces as well, where they are not wanted; of all others the answer here says enough. What everybody may ask
 * about oneself is left out. Pure.
 */
export function matrixQuestions({ resources, rules, namespace }: Matrix): readonly Question[] {
  const special = specialVerbs.map((row) => ({
    ...row,
    namespaced: row.resource === 'roles' || row.resource === 'serviceaccounts',
  }));
  const asked = [
    ...resources.map(({ group, resource, namespaced }) => ({ group, resource, namespaced, verbs })),
    ...special,
  ];
  return asked
    .flatMap(({ group, resource, namespaced, verbs: of }) =>
      of.map((verb): Right => ({ verb, group, resource, ...(namespaced ? { namespace } : {}) })),
    )
    .filter((right) => !isAboutOneself(right))
    .flatMap((right): Question[] => {
      const wanted = right.namespace !== undefined && isIn(rules, right);
      const { verb, group, resource } = right;
      return wanted
        ? [
            { right, wanted },
            { right: { verb, group, resource }, wanted: false },
          ]
        : [{ right, wanted }];
    });
}

function isIn(rules: readonly ManagerRule[], { verb, group, resource }: Right): boolean {
  return rules.some((rule) => rule.group === group && rule.resource === resource && rule.verbs.includes(verb));
}

/** As people write it: `create pods/exec`, `delete jobs.batch in default`. */
export function rightText({ verb, group, resource, namespace }: Right): string {
  const [plural = '', ...subresource] = resource.split('/');
  const full = [group === '' ? plural : `${plural}.${group}`, ...subresource].join('/');
  return `${verb} ${full}${namespace === undefined ? ' in the whole cluster' : ` in ${namespace}`}`;
}
