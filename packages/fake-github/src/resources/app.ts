import { nodeId, userResource } from './user.ts';
import type { Json } from '../openapi/description.ts';
import type { Installation, World } from '../state.ts';

export function appResource(world: World): Json {
  const { app } = world;
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    client_id: app.clientId,
    owner: userResource(world, app.owner),
    name: app.name,
    description: 'A GitHub App that exists only in the fake.',
    external_url: app.externalUrl ?? `${world.origin()}/apps/${app.slug}`,
    html_url: `${world.origin()}/apps/${app.slug}`,
    created_at: app.createdAt.toISOString(),
    updated_at: app.createdAt.toISOString(),
    permissions: app.permissions,
    events: app.events,
  };
}

export function installationResource(world: World, installation: Installation): Json {
  const { app } = world;
  return {
    id: installation.id,
    account: userResource(world, installation.account),
    repository_selection: 'all',
    access_tokens_url: `${world.origin()}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.origin()}/installation/repositories`,
    html_url: `${world.origin()}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: installation.account.id,
    target_type: 'User',
    permissions: installation.permissions,
    events: app.events,
    created_at: installation.createdAt.toISOString(),
    updated_at: installation.updatedAt.toISOString(),
    single_file_name: null,
    suspended_at: installation.suspendedAt?.toISOString() ?? null,
    suspended_by: installation.suspendedAt ? userResource(world, installation.account) : null,
  };
}
