import { page } from '../paging.ts';
import { notFound } from '../refusal.ts';
import { directoryResource, fileResource } from '../resources/content.ts';
import { repositoryResource } from '../resources/repository.ts';
import { userResource } from '../resources/user.ts';
import { installedRepositories } from '../installations.ts';
import { commitAt } from '../world.ts';
import { ok, type Route } from '../route.ts';
import { canSee } from '../visible.ts';

export const repositoryRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/installation/repositories',
    caller: 'installation',
    needs: ['metadata:read'],
    answer: (call) => {
      const { world, caller } = call;
      if (caller?.kind !== 'installation') throw notFound();
      const visible = installedRepositories(world, caller.token.installation).filter((one) => canSee(caller, one));
      const { items, headers } = page(call, visible);
      const repositories = items.map((repository) => repositoryResource(world, repository));
      return ok({ total_count: visible.length, repository_selection: 'all', repositories }, headers);
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}',
    caller: 'installation',
    needs: ['metadata:read'],
    answer: ({ world, repository }) => ok(repositoryResource(world, repository())),
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/contents/{path}',
    caller: 'installation',
    needs: ['contents:read'],
    answer: ({ world, repository: find, parameters, accept }) => {
      const repository = find();
      const path = String(parameters['path']).replace(/^\/+|\/+$/g, '');
      const commit = commitAt(world, repository, String(parameters['ref'] ?? repository.defaultBranch));
      if (commit === undefined) throw notFound();
      const text = commit.files.get(path);
      if (text !== undefined && /\.raw\b/.test(accept)) return { status: 200, raw: text };
      const place = { repository, commit, path };
      const resource = text === undefined ? directoryResource(world, place) : fileResource(world, place, text);
      if (resource === undefined) throw notFound();
      return ok(resource);
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/collaborators/{username}/permission',
    caller: 'installation',
    needs: ['metadata:read'],
    answer: ({ world, repository: find, parameters }) => {
      const repository = find();
      const user = world.users.get(String(parameters['username']).toLowerCase());
      if (user === undefined) throw notFound();
      const granted = repository.collaborators.get(user.login.toLowerCase());
      const permission = granted ?? (repository.private ? 'none' : 'read');
      return ok({ permission, role_name: permission, user: { ...userResource(world, user), role_name: permission } });
    },
  },
];
