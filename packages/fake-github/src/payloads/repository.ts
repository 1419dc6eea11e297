import { repositoryResource } from '../resources/repository.ts';
import { userResource } from '../resources/user.ts';
import { reference } from './installation.ts';
import type { Json } from '../openapi/description.ts';
import type { Installation, World } from '../state.ts';
import type { RepositoryEvent } from '../actions/event.ts';

export function repositoryPayload(world: World, event: RepositoryEvent, installation: Installation): Json {
  const { repository, action } = event;
  return {
    action,
    ...changes(world, event),
    repository: repositoryResource(world, repository),
    installation: reference(installation),
    sender: userResource(world, repository.owner),
  };
}

function changes(world: World, { from }: RepositoryEvent): Json {
  if (from === undefined) return {};
  if ('name' in from) return { changes: { repository: { name: { from: from.name } } } };
  return { changes: { owner: { from: { user: userResource(world, from.owner) } } } };
}
