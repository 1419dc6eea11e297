import { issueToken } from '../app-auth.ts';
import { page } from '../paging.ts';
import { installationOf, installations, installedRepositories, permissionsOf } from '../installations.ts';
import { invalid, moved, notFound, suspended } from '../refusal.ts';
import { appResource, installationResource } from '../resources/app.ts';
import { repositoryResource } from '../resources/repository.ts';
import { repositoryNamed } from '../world.ts';
import { type Call, created, ok, type Route } from '../route.ts';
import { placeOf } from '../visible.ts';
import type { Installation, Permissions } from '../state.ts';

export const appRoutes: readonly Route[] = [
  { method: 'GET', path: '/app', caller: 'app', answer: ({ world }) => ok(appResource(world)) },
  {
    method: 'GET',
    path: '/app/installations',
    caller: 'app',
    answer: (call) => {
      const { items, headers } = page(call, installations(call.world));
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
    answer: ({ world, parameters, url }) => {
      const owner = String(parameters['owner']);
      const name = String(parameters['repo']);
      const named = repositoryNamed(world, owner, name);
      const repository = named ?? world.formerNames.get(`${owner}/${name}`.toLowerCase());
      if (repository === undefined || repository.parent !== undefined) throw notFound();
      const installation = installationOf(world, repository.owner);
      if (installation === undefined) throw notFound();
      if (named === undefined) throw moved('GET', placeOf(world, repository, url));
      return ok(installationResource(world, installation));
    },
  },
  {
    method: 'POST',
    path: '/app/installations/{installation_id}/access_tokens',
    caller: 'app',
    answer: (call) => {
      const { world } = call;
      const installation = named(call);
      if (installation.suspendedAt) throw suspended();
      const repositories = narrowedRepositories(call, installation);
      const permissions = narrowedPermissions(call, installation);
      const { key, token } = issueToken(world, installation, {
        permissions,
        repositories: repositories && new Set(repositories.map(({ id }) => id)),
      });
      return created({
        token: key,
        expires_at: token.expiresAt.toISOString(),
        permissions: permissionsOf(token),
        repository_selection: repositories ? 'selected' : 'all',
        ...(repositories && { repositories: repositories.map((repository) => repositoryResource(world, repository)) }),
      });
    },
  },
];

function named({ world, parameters }: Call): Installation {
  const installation = installations(world).find(({ id }) => id === parameters['installation_id']);
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

/** The rights that the token is limited to, undefined without a limit. */
function narrowedPermissions({ body }: Call, { permissions }: Installation): Permissions | undefined {
  const asked = body['permissions'] as Record<string, string> | undefined;
  if (asked === undefined) return undefined;
  for (const [name, level] of Object.entries(asked)) {
    const granted = Object.hasOwn(permissions, name) ? permissions[name] : undefined;
    if (granted === undefined || (granted === 'read' && level !== 'read')) {
      throw invalid('The permissions requested are not granted to this installation.');
    }
  }
  return { metadata: 'read', ...asked };
}
