import { example, retarget } from './examples.ts';
import { labelResource, pullResource } from './resources/pull-request.ts';
import { repositoryResource } from './resources/repository.ts';
import { nodeId, userResource } from './resources/user.ts';
import { installationOf } from './world.ts';
import type { Json } from './openapi/description.ts';
import type { World } from './state.ts';
import type { PullEvent } from './actions/event.ts';

/** The webhook's payload: a recorded one of GitHub with the state's values put in everywhere. */
export function pullRequestPayload(world: World, event: PullEvent): Json {
  const { pull, action } = event;
  const { repository } = pull;
  const installation = installationOf(world, repository.owner);
  // GitHub recorded no `edited`; it differs from `opened` by its changes only.
  const recording = example('pull_request', action === 'edited' ? 'opened' : action);
  const recordedPull = retarget(recording['pull_request'] as Json, {
    origin: world.origin(),
    owner: repository.owner.login,
    repository: repository.fullName,
  });
  return {
    ...recording,
    action,
    number: pull.number,
    // GitHub works out mergeability after it sent the event.
    pull_request: { ...recordedPull, ...pullResource(world, pull), mergeable: null, mergeable_state: 'unknown' },
    repository: repositoryResource(world, repository),
    installation: { id: installation.id, node_id: nodeId('Installation', installation.id) },
    sender: userResource(world, action === 'closed' || action === 'reopened' ? repository.owner : pull.author),
    ...(event.before === undefined ? {} : { before: event.before, after: event.after }),
    ...(event.label === undefined ? {} : { label: labelResource(world, repository, event.label) }),
    ...(event.changes === undefined ? {} : { changes: event.changes }),
  };
}

/** What GitHub sends to an App's webhook address to try it. */
export function pingPayload(world: World, hook: { id: number; url: string }): Json {
  const at = world.app.createdAt.toISOString();
  return {
    zen: example('ping')['zen'],
    hook_id: hook.id,
    hook: {
      type: 'App',
      id: hook.id,
      name: 'web',
      active: true,
      events: ['pull_request'],
      config: { content_type: 'json', insecure_ssl: '0', secret: '********', url: hook.url },
      updated_at: at,
      created_at: at,
      app_id: world.app.id,
      deliveries_url: `${world.origin()}/app/hook/deliveries`,
    },
  };
}
