import { example, retarget } from '../examples.ts';
import type { Json } from '../openapi/description.ts';
import type { User, World } from '../state.ts';

export function userResource(world: World, user: User): Json {
  const recording = example('pull_request', 'opened')['sender'] as Json;
  return {
    // A bot's login has brackets, which its addresses escape.
    ...retarget(recording, { origin: world.origin(), owner: encodeURIComponent(user.login) }),
    login: user.login,
    id: user.id,
    node_id: nodeId('User', user.id),
    type: user.type,
  };
}

/** GitHub's GraphQL name of a thing: opaque, and different for each. */
export const nodeId = (kind: string, id: number): string => Buffer.from(`0:${kind}${id}`).toString('base64url');
