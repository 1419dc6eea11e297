import { installedRepositories } from '../installations.ts';
import { installationResource } from '../resources/app.ts';
import { nodeId, userResource } from '../resources/user.ts';
import type { Json } from '../openapi/description.ts';
import type { Installation, Repository, World } from '../state.ts';
import type { InstallationEvent, InstalledRepositoriesEvent } from '../actions/event.ts';

/** How other payloads name the installation that they are sent for. */
export const reference = ({ id }: Installation): Json => ({ id, node_id: nodeId('Installation', id) });

export function installationPayload(world: World, { installation, action }: InstallationEvent): Json {
  return {
    action,
    installation: installationResource(world, installation),
    repositories: installedRepositories(world, installation).map(short),
    requester: null,
    sender: userResource(world, installation.account),
  };
}

export function installedRepositoriesPayload(world: World, event: InstalledRepositoriesEvent): Json {
  const { installation, action, repository } = event;
  return {
    action,
    installation: installationResource(world, installation),
    repository_selection: 'all',
    repositories_added: action === 'added' ? [short(repository)] : [],
    repositories_removed: action === 'removed' ? [short(repository)] : [],
    requester: null,
    sender: userResource(world, installation.account),
  };
}

const short = (repository: Repository): Json => ({
  id: repository.id,
  node_id: nodeId('Repository', repository.id),
  name: repository.name,
  full_name: repository.fullName,
  private: repository.private,
});
