import { jobContainerName } from '../../kubernetes-job/names.ts';
import { qualifiedName } from '../checks/names.ts';
import { defaults } from '../defaults.ts';
import { exactlyOne } from '../exactly-one.ts';
import { checked, type Finding, type Path } from '../finding.ts';
import { entriesOf } from '../loose.ts';
import type { LooseManifest, LooseSpec } from '../manifest-schema.ts';
import { pathText } from '../show.ts';
import { unknownContainer } from './containers.ts';
import { imageRules } from './settings.ts';

/** The API server's bounds for a podFailurePolicy. */
const maxRules = 20;
const maxConditions = 20;
const maxExitCodes = 255;

export function podRules({ spec }: LooseManifest): Finding[] {
  if (spec === undefined) return [];
  return [
    ...entriesOf(spec.nodeSelector).flatMap(([key]) => checked(['spec', 'nodeSelector', key], key, qualifiedName)),
    ...tolerationRules(spec.tolerations),
    ...securityRules(spec.securityContext),
    ...failurePolicyRules(spec),
    ...initContainerRules(spec.initContainers),
  ];
}

function initContainerRules(containers: LooseSpec['initContainers']): Finding[] {
  const seen = new Map<string, Path>();
  return (containers ?? []).flatMap((container, index) => {
    const path = ['spec', 'initContainers', index];
    const name = container?.name;
    const first = name === undefined ? undefined : seen.get(name);
    if (name !== undefined && first === undefined) seen.set(name, path);
    return [
      ...imageRules(container?.image, [...path, 'image']),
      ...(name === jobContainerName
        ? [{ path: [...path, 'name'], problem: "is the name of the job's own container", fix: 'Choose another name.' }]
        : []),
      ...(first === undefined
        ? []
        : [
            {
              path: [...path, 'name'],
              problem: `is the name of ${pathText(first)} too`,
              fix: 'Give each container a name of its own.',
            },
          ]),
    ];
  });
}

function tolerationRules(tolerations: LooseSpec['tolerations']): Finding[] {
  return (tolerations ?? []).flatMap((toleration, index) => {
    const path = ['spec', 'tolerations', index];
    const { key, operator = 'Equal', value, effect, tolerationSeconds } = toleration ?? {};
    if (toleration === undefined) return [];
    return [
      ...(key === undefined && operator !== 'Exists'
        ? [
            {
              path: [...path, 'key'],
              problem: 'is missing',
              fix: 'Add the key of the taint, or operator: Exists for every taint.',
              ifWhole: true as const,
            },
          ]
        : []),
      ...(operator === 'Exists' && value !== undefined
        ? [
            {
              path: [...path, 'value'],
              problem: 'is set beside operator Exists, which compares no value',
              fix: 'Leave it out, or use operator Equal.',
            },
          ]
        : []),
      ...(tolerationSeconds !== undefined && effect !== 'NoExecute'
        ? [
            {
              path: [...path, 'tolerationSeconds'],
              problem: 'is only for effect NoExecute',
              fix: 'Leave it out, or set effect: NoExecute.',
            },
          ]
        : []),
    ];
  });
}

function securityRules(context: LooseSpec['securityContext']): Finding[] {
  const path = ['spec', 'securityContext'];
  const profile = context?.seccompProfile;
  const local = profile?.localhostProfile !== undefined;
  return [
    ...(context?.runAsNonRoot === true && context.runAsUser === 0
      ? [
          {
            path: [...path, 'runAsUser'],
            problem: 'is root, which runAsNonRoot refuses',
            fix: 'Choose another user, or leave runAsNonRoot out.',
          },
        ]
      : []),
    ...(profile?.type === 'Localhost' && !local
      ? [
          {
            path: [...path, 'seccompProfile', 'localhostProfile'],
            problem: 'is missing, and type Localhost needs it',
            fix: 'Add the path of the profile on the node.',
            ifWhole: true as const,
          },
        ]
      : []),
    ...(profile?.type !== undefined && profile.type !== 'Localhost' && local
      ? [
          {
            path: [...path, 'seccompProfile', 'localhostProfile'],
            problem: `is only for type Localhost, and the type is ${profile.type}`,
            fix: 'Leave it out, or set type: Localhost.',
          },
        ]
      : []),
  ];
}

function failurePolicyRules({
  podFailurePolicy,
  restartPolicy = defaults.restartPolicy,
  initContainers,
}: LooseSpec): Finding[] {
  if (podFailurePolicy === undefined) return [];
  const path = ['spec', 'podFailurePolicy'];
  const { rules = [] } = podFailurePolicy;
  return [
    ...(restartPolicy === 'Never'
      ? []
      : [
          {
            path,
            problem: `needs restartPolicy Never, and it is ${restartPolicy}`,
            fix: 'Set spec.restartPolicy: Never, or leave the policy out.',
          },
        ]),
    ...(rules.length > maxRules
      ? [
          {
            path: [...path, 'rules'],
            problem: `has ${rules.length} rules, and Kubernetes takes ${maxRules}`,
            fix: 'Join some of them.',
          },
        ]
      : []),
    ...rules.flatMap((rule, index) =>
      rule === undefined ? [] : failureRule(rule, [...path, 'rules', index], initContainers),
    ),
  ];
}

type FailureRule = NonNullable<NonNullable<NonNullable<LooseSpec['podFailurePolicy']>['rules']>[number]>;

function failureRule(rule: FailureRule, path: Path, initContainers: LooseSpec['initContainers']): Finding[] {
  const { onExitCodes, onPodConditions } = rule;
  const codesPath = [...path, 'onExitCodes'];
  return [
    ...exactlyOne(path, rule, ['onExitCodes', 'onPodConditions']),
    ...countOf(onPodConditions, { path: [...path, 'onPodConditions'], most: maxConditions, what: 'conditions' }),
    ...countOf(onExitCodes?.values, { path: [...codesPath, 'values'], most: maxExitCodes, what: 'exit codes' }),
    ...(onExitCodes?.operator === 'In' && onExitCodes.values?.includes(0) === true
      ? [
          {
            path: [...codesPath, 'values'],
            problem: 'has 0, which is no failure',
            fix: 'Leave 0 out; only NotIn may have it.',
          },
        ]
      : []),
    ...unknownContainer(
      onExitCodes?.containerName,
      { initContainers },
      { path: [...codesPath, 'containerName'], unnamed: 'any' },
    ),
  ];
}

function countOf(
  list: readonly unknown[] | undefined,
  { path, most, what }: { path: Path; most: number; what: string },
): Finding[] {
  if (list === undefined || (list.length > 0 && list.length <= most)) return [];
  return [{ path, problem: `has ${list.length} ${what}`, fix: `Write 1 to ${most} of them.`, ifWhole: true }];
}
