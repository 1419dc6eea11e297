import { defineError } from '@ephemera/model';

export const BudgetSpent = defineError<{
  what: string;
  installationId: number;
  per: 'minute' | 'hour';
  retryAfterMs: number;
}>({
  code: 'github.budget_spent',
  retryable: true,
  message: ({ what, per, retryAfterMs }) =>
    `The writes that GitHub is sent in one ${per} are used up; ${what} waits ${Math.ceil(retryAfterMs / 1000)} s.`,
  hint: 'GITHUB_WRITES_PER_MINUTE and GITHUB_WRITES_PER_HOUR set how many there are; GitHub itself takes 80 and 500.',
});
