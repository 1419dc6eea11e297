import { kubeErrors } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { watchTrouble } from './watch-trouble.ts';

const away = new kubeErrors.Unreachable({ server: 'https://there', problem: 'refused' });
const unauthenticated = new kubeErrors.Unauthenticated({ server: 'https://there' });

function trouble() {
  const warnings: string[] = [];
  const failures: unknown[] = [];
  let at = 0;
  const { onError, onAlive } = watchTrouble({
    fail: (error) => failures.push(error),
    warn: (message) => warnings.push(message),
    now: () => at,
  });
  const passes = (ms: number): void => void (at += ms);
  return { warnings, failures, onError, onAlive, passes };
}

test('credentials that have ended end following after a few attempts, and not at the first one', () => {
  const { failures, warnings, onError } = trouble();
  onError(unauthenticated);
  onError(unauthenticated);
  expect(failures).toEqual([]);
  onError(unauthenticated);
  expect(failures).toEqual([unauthenticated]);
  expect(warnings).toEqual([unauthenticated.message]);
});

test('a refusal that passed counts no more, and a missing right counts at once', () => {
  const { failures, onError, onAlive } = trouble();
  for (let time = 0; time < 5; time += 1) {
    onError(unauthenticated);
    onAlive();
  }
  for (const error of [unauthenticated, away, unauthenticated, away, unauthenticated]) onError(error);
  expect(failures).toEqual([]);
  const forbidden = new kubeErrors.Forbidden({ what: 'Watching Job', reason: 'no' });
  onError(forbidden);
  expect(failures).toEqual([forbidden]);
});

test('a cluster that is away is told once a minute, with how long it has been', () => {
  const { warnings, failures, onError, onAlive, passes } = trouble();
  for (let seconds = 0; seconds <= 130; seconds += 10) {
    onError(away);
    passes(10_000);
  }
  expect(warnings).toEqual([away.message, `${away.message} (for 1 min now)`, `${away.message} (for 2 min now)`]);
  onAlive();
  passes(60_000);
  onError(away);
  expect(warnings.at(-1)).toBe(away.message);
  expect(failures).toEqual([]);
});
