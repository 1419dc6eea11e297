import type { Role, RoleBinding, RoleSubject } from '../rights/objects.ts';
import { appAccount, managerBinding, sandboxAccount } from '../rights/rules.ts';
import { lastArgument, shellWord } from './shell-word.ts';

const accounts = [appAccount, sandboxAccount];

/** A binding, and those of its subjects that are one of the accounts or hold them. */
export interface Found {
  readonly binding: RoleBinding;
  readonly subjects: readonly RoleSubject[];
}

export interface OtherBindings {
  /** Give an account something that it should not have, or that no question about all objects here would find. */
  readonly certain: readonly Found[];
  /** Of groups, in the whole cluster: the rights themselves show what they give, but for rights to single objects. */
  readonly ofEverybody: readonly Found[];
}

/**
 * The bindings of a cluster that reach the accounts of this namespace, but for the one that should: as accounts, as users by the name that
 * they have to the API server, and as members of the groups that every account is in. Pure.
 */
export function otherBindings(bindings: readonly RoleBinding[], home: string): OtherBindings {
  const found = bindings
    .filter(({ metadata }) => !(metadata.name === managerBinding && metadata.namespace === home))
    .map((binding) => ({ binding, subjects: (binding.subjects ?? []).filter((subject) => reaches(subject, home)) }))
    .filter(({ subjects }) => subjects.length > 0);
  const isOfEverybody = ({ binding, subjects }: Found): boolean =>
    binding.metadata.namespace === undefined && subjects.every(({ kind }) => kind === 'Group');
  return { certain: found.filter((one) => !isOfEverybody(one)), ofEverybody: found.filter(isOfEverybody) };
}

/** Whether a role has rights to single objects, which a question about all objects does not find. Pure. */
export function namesObjects({ rules }: Role): boolean {
  return (rules ?? []).some(({ resourceNames = [] }) => resourceNames.length > 0);
}

function reaches({ kind, name, namespace }: RoleSubject, home: string): boolean {
  if (kind === 'ServiceAccount') return namespace === home && accounts.includes(name);
  if (kind === 'User') return accounts.some((account) => name === `system:serviceaccount:${home}:${account}`);
  return kind === 'Group' && groupsOf(home).includes(name);
}

function groupsOf(home: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${home}`, 'system:authenticated'];
}

/** What a binding gives to whom, and where. Pure. */
export function bindingText({ binding: { metadata, roleRef }, subjects }: Found): string {
  const who = subjects.map(({ kind, name }) => (kind === 'ServiceAccount' ? name : `the ${kind} ${name}`));
  const where = metadata.namespace === undefined ? 'in the whole cluster' : `in ${metadata.namespace}`;
  return `${metadata.name} gives ${roleRef.kind} ${roleRef.name} to ${who.join(' and ')} ${where}`;
}

/** For people to copy, and the names are of strangers. Pure. */
export function deleteCommand({ binding: { metadata } }: Found): string {
  return metadata.namespace === undefined
    ? `kubectl delete clusterrolebinding ${lastArgument(metadata.name)}`
    : `kubectl delete rolebinding -n ${shellWord(metadata.namespace)} ${lastArgument(metadata.name)}`;
}
