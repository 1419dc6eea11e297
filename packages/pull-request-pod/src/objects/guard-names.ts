import type { CelVariable, GuardRule } from './guard-cel.ts';

/** Of what the cluster adds to names: no vowels, and no digits that could be taken for letters. */
const character = '[bcdfghjklmnpqrstvwxz2456789]';
const podEnd = `${character}{5}`;

/** What the cluster keeps of a name before it adds the five characters of a pod. */
const longestKept = 58;
const start = 'pr-job-';
const time = '[0-9]{13}';
/** Names up to 25 characters: with all of `pr-job-NAME-TIME-HASH-`, whose hash has ten characters at most, nothing is cut. */
const longestUncut = longestKept - `${start}-${'0'.repeat(13)}-${'x'.repeat(10)}-`.length;
/** Names up to 36 characters: of `pr-job-NAME-TIME-` nothing is cut; of longer ones it goes into the digits of the time. */
const longestWithTime = longestKept - `${start}-${'0'.repeat(13)}-`.length;

const inWorkloads = `request.resource.resource in ['deployments', 'statefulsets']`;

/** Whose account asks, and what is called as its own. */
export const nameVariables: readonly CelVariable[] = [
  // The condition of the policy has checked its form: there is no character in it that means something in a pattern.
  { name: 'account', expression: `request.userInfo.username.split(':')[3]` },
  { name: 'name', expression: `variables.account.substring(0, size(variables.account) - size('-buildx-sa'))` },
  { name: 'builder', expression: `'^${start}' + variables.name + '-${time}'` },
  {
    // Pods of a ReplicaSet, and the only one of a StatefulSet. A Job's own pod has only the five characters, so it is none of them,
    // unless so much is cut off that they look alike: then it is one of the same name, never of another one.
    name: 'isPodOfBuilder',
    expression:
      `request.name.matches(variables.builder + '-(${character}{1,10}-${podEnd}|0)$') || ` +
      `(size(variables.name) > ${longestUncut} && size(request.name) == ${longestKept + 5} && ` +
      `request.name.matches('^${start}' + variables.name + '-' + ` +
      `(size(variables.name) > ${longestWithTime} ? '[0-9]{8,13}' : '${time}-${character}{0,10}') + '${podEnd}$'))`,
  },
];

/** What an account may touch. True means allowed; a rule leaves alone what it is not about. */
export const nameRules: readonly GuardRule[] = [
  {
    expression: `request.operation != 'CONNECT' || variables.isPodOfBuilder`,
    message: 'A builder is entered by the account of its own job, and that account enters no other pod.',
  },
  {
    expression: `!(${inWorkloads}) || request.name.matches(variables.builder + '$')`,
    message:
      'A builder is called as a job of its account, pr-job-NAME- and 13 digits; Deployments and StatefulSets of other names are not the account’s.',
  },
  {
    expression: `request.resource.resource != 'configmaps' || request.name.matches(variables.builder + '-config(-[0-9]{1,4})?$')`,
    message:
      'A builder has ConfigMaps that are called as itself and -config; those of other names are not the account’s.',
  },
  {
    // A letter follows the time, as the digits of another time would make it the pod of a job whose name ends in digits.
    expression:
      `request.resource.resource != 'pods' || request.operation == 'CONNECT' || variables.isPodOfBuilder || ` +
      `request.name.matches(variables.builder + '(-[a-z][a-z0-9-]*)?$')`,
    message: 'A builder has pods that are called as a job of its account; those of other names are not the account’s.',
  },
];
