import { issueToken } from '../app-auth.ts';
import { page } from '../paging.ts';
import { invalid, notFound } from '../refusal.ts';
import { appResource, installationResource } from '../resources/app.ts';
import { repositoryResource } from '../resources/repository.ts';
import { grantedPermissions, installationOf, installedRepositories, repositoryNamed } from '../world.ts';
import { type Call, created, ok, type Route } from '../route.ts';
import type { Installation } from '../state.ts';

export const appRoutes: readonly Route[] = [
  { method: 'GET', path: '/app', caller: 'app', answer: ({ world }) => ok(appResource(world)) },
  {
    method: 'GET',
    path: '/app/installations',
    caller: 'app',
    answer: (call) => {
      const { items, headers } = page(call, [...call.world.installations.values()]);
      return ok(
        items.map((installation) => installationResource(call.world, installation)),
        headers,
      );
    },
  },
  {
    method: 'GET',
    path: '/app/installations/{installation_id}',
    caller: 'app',
    answer: (call) => ok(installationResource(call.world, named(call))),
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/installation',
    caller: 'app',
    answer: ({ world, parameters }) => {
      const repository = repositoryNamed(world, String(parameters['owner']), String(parameters['repo']));
      if (repository === undefined || repository.parent !== undefined) throw notFound();
      return ok(installationResource(world, installationOf(world, repository.owner)));
    },
  },
  {
    method: 'POST',
    path: '/app/installations/{installation_id}/access_tokens',
    caller: 'app',
    answer: (call) => {
      const { world } = call;
      const installation = named(call);
      const repositories = narrowedRepositories(call, installation);
      const permissions = narrowedPermissions(call);
      const { key, token } = issueToken(world, installation, {
        permissions,
        repositories: repositories && new Set(repositories.map(({ id }) => id)),
      });
      return created({
        token: key,
        expires_at: token.expiresAt.toISOString(),
        permissions,
        repository_selection: repositories ? 'selected' : 'all',
        ...(repositories && { repositories: repositories.map((repository) => repositoryResource(world, repository)) }),
      });
    },
  },
];

function named({ world, parameters }: Call): Installation {
  const installation = [...world.installations.values()].find(({ id }) => id === parameters['installation_id']);
  if (installation === undefined) throw notFound();
  return installation;
}

/** The repositories that the token is limited to, undefined without a limit. */
function narrowedRepositories({ world, body }: Call, installation: Installation) {
  const ids = body['repository_ids'] as number[] | undefined;
  const names = body['repositories'] as string[] | undefined;
  if (ids === undefined && names === undefined) return undefined;
  const all = installedRepositories(world, installation);
  const byId = (ids ?? []).map((id) => all.find((repository) => repository.id === id));
  const byName = (names ?? []).map((name) =>
    all.find((repository) => repository.name.toLowerCase() === name.toLowerCase()),
  );
  return [...new Set([...byId, ...byName])].map((repository) => {
    if (repository) return repository;
    throw invalid(
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  });
}

function narrowedPermissions({ body }: Call): Readonly<Record<string, string>> {
  const asked = body['permissions'] as Record<string, string> | undefined;
  if (asked === undefined) return grantedPermissions;
  for (const [name, level] of Object.entries(asked)) {
    const granted = Object.hasOwn(grantedPermissions, name) ? grantedPermissions[name] : undefined;
    if (granted === undefined || (granted === 'read' && level !== 'read')) {
      throw invalid('The permissions requested are not granted to this installation.');
    }
  }
  return { metadata: 'read', ...asked };
}
