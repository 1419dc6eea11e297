import { revokeTokens } from '../app-auth.ts';
import { WrongInstallationState } from '../errors.ts';
import { install as installApp, installationOf } from '../installations.ts';
import { without } from '../without.ts';
import type { Installation, Permissions, User, World } from '../state.ts';
import type { InstallationEvent } from './event.ts';

export type InstallationAction = 'suspend' | 'unsuspend' | 'remove' | 'install';

/** What the owner of an account does in its settings. */
export function actOnInstallation(world: World, account: User, action: InstallationAction): InstallationEvent[] {
  const installation = installationOf(world, account);
  const refused = () => new WrongInstallationState({ account: account.login, state: stateOf(installation), action });
  const now = world.now();
  if (action === 'install') {
    if (installation) throw refused();
    return [happened(installApp(world, account), 'created')];
  }
  if (installation === undefined) throw refused();
  if (action === 'remove') {
    world.installations.set(account.login.toLowerCase(), null);
    revokeTokens(world, installation);
    return [happened(installation, 'deleted')];
  }
  if ((installation.suspendedAt !== undefined) === (action === 'suspend')) throw refused();
  Object.assign(installation, { suspendedAt: action === 'suspend' ? now : undefined, updatedAt: now });
  return [happened(installation, action)];
}

/**
 * Changes single rights; those not named stay. The App asks for what it is granted beyond its own list, so that `GET /app`
 * never shows less than an installation has.
 */
export function grant(world: World, account: User, levels: Permissions): InstallationEvent[] {
  const installation = installationOf(world, account);
  if (installation === undefined) {
    throw new WrongInstallationState({ account: account.login, state: 'removed', action: 'permissions' });
  }
  const before = installation.permissions;
  const given = Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== 'none'));
  const after = { ...without(before, Object.keys(levels)), ...given } as Permissions;
  if (same(before, after)) return [];
  world.app.permissions = { ...world.app.permissions, ...risen(world.app.permissions, given) };
  Object.assign(installation, { permissions: after, updatedAt: world.now() });
  return [happened(installation, 'new_permissions_accepted')];
}

export const stateOf = (installation: Installation | undefined): 'active' | 'suspended' | 'removed' => {
  if (installation === undefined) return 'removed';
  return installation.suspendedAt ? 'suspended' : 'active';
};

const happened = (installation: Installation, action: InstallationEvent['action']): InstallationEvent => ({
  event: 'installation',
  installation,
  action,
});

const risen = (own: Permissions, given: Permissions): Permissions =>
  Object.fromEntries(Object.entries(given).filter(([name, level]) => own[name] !== level && own[name] !== 'write'));

const same = (one: Permissions, other: Permissions) =>
  Object.keys({ ...one, ...other }).every((name) => one[name] === other[name]);
