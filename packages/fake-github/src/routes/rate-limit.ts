import { ok, type Route } from '../route.ts';

export const rateLimitRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rate_limit',
    caller: 'anybody',
    answer: ({ budget, caller }) => {
      const rate = budget.rate(caller);
      return ok({ resources: { core: rate, search: { ...rate, limit: 30, used: 0, remaining: 30 } }, rate });
    },
  },
];
