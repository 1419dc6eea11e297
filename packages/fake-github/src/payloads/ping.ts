import { example } from '../examples.ts';
import type { Json } from '../openapi/description.ts';
import type { World } from '../state.ts';

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
      events: world.app.events,
      config: { content_type: 'json', insecure_ssl: '0', secret: '********', url: hook.url },
      updated_at: at,
      created_at: at,
      app_id: world.app.id,
      deliveries_url: `${world.origin()}/app/hook/deliveries`,
    },
  };
}
