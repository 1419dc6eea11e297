import { example } from '../examples.ts';
import { labelResource, pullResource } from '../resources/pull-request.ts';
import { repositoryResource } from '../resources/repository.ts';
import { userResource } from '../resources/user.ts';
import { reference } from './installation.ts';
import type { Json } from '../openapi/description.ts';
import type { Installation, World } from '../state.ts';
import type { PullEvent } from '../actions/event.ts';

/** The webhook's payload: a recorded one of GitHub with the state's values put in everywhere. */
export function pullRequestPayload(world: World, event: PullEvent, installation: Installation): Json {
  const { pull, action } = event;
  const { repository } = pull;
  // GitHub recorded no `edited`; it differs from `opened` by its changes only.
  const recording = example('pull_request', action === 'edited' ? 'opened' : action);
  return {
    ...recording,
    action,
    number: pull.number,
    // GitHub works out mergeability after it sent the event.
    pull_request: { ...pullResource(world, pull), mergeable: null, mergeable_state: 'unknown' },
    repository: repositoryResource(world, repository),
    installation: reference(installation),
    sender: userResource(world, action === 'closed' || action === 'reopened' ? repository.owner : pull.author),
    ...(event.before === undefined ? {} : { before: event.before, after: event.after }),
    ...(event.label === undefined ? {} : { label: labelResource(world, repository, event.label) }),
    ...(event.changes === undefined ? {} : { changes: event.changes }),
  };
}
