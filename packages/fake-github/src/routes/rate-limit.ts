import { ok, type Route } from '../route.ts';
import { rateOf } from '../rate-limit.ts';

export const rateLimitRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rate_limit',
    caller: 'anybody',
    answer: ({ world }) => {
      const rate = rateOf(world);
      return ok({ resources: { core: rate, search: { ...rate, limit: 30, used: 0, remaining: 30 } }, rate });
    },
  },
];
