import { page } from '../paging.ts';
import { notFound } from '../refusal.ts';
import { pullListItem, pullResource } from '../resources/pull-request.ts';
import { type Call, ok, type Route } from '../route.ts';
import type { Pull } from '../state.ts';

export const pullRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/pulls',
    caller: 'installation',
    needs: ['pull_requests:read'],
    answer: (call) => {
      const { items, headers } = page(call, listed(call));
      return ok(
        items.map((pull) => pullListItem(call.world, pull)),
        headers,
      );
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/pulls/{pull_number}',
    caller: 'installation',
    needs: ['pull_requests:read'],
    answer: ({ world, repository, parameters }) => {
      const pull = repository().pulls.get(Number(parameters['pull_number']));
      if (pull === undefined) throw notFound();
      return ok(pullResource(world, pull));
    },
  },
];

/** What `popularity` and `long-running` sort by does not exist here: both fall back to the age. */
function listed({ repository, parameters }: Call): Pull[] {
  const { state, head, base, sort, direction } = parameters;
  const moment = ({ createdAt, updatedAt }: Pull) => (sort === 'updated' ? updatedAt : createdAt).getTime();
  // GitHub's default: newest first when sorted by creation, oldest first otherwise.
  const descending = (direction ?? (sort === undefined || sort === 'created' ? 'desc' : 'asc')) === 'desc';
  const pulls = [...repository().pulls.values()]
    .filter((pull) => state === 'all' || pull.state === (state ?? 'open'))
    .filter((pull) => base === undefined || pull.base.ref === base)
    .filter((pull) => head === undefined || labelOf(pull) === head)
    .toSorted((one, other) => moment(one) - moment(other) || one.number - other.number);
  return descending ? pulls.toReversed() : pulls;
}

const labelOf = ({ head }: Pull) => `${head.repository.owner.login}:${head.ref}`;
