import { expect, test } from 'vitest';
import { soon, startWorld } from './world.ts';

const flood = 40;
const calm = 4;

/** The most writes that fall into any window of this length. */
function mostWithin(times: readonly Date[], windowMs: number): number {
  const sorted = times.map((time) => time.getTime()).toSorted((a, b) => a - b);
  return Math.max(0, ...sorted.map((from) => sorted.filter((at) => at >= from && at < from + windowMs).length));
}

test('case 22: one author opens and pushes to many pull requests while GitHub asks for patience: others are served in turn, the budget holds, and all converge', async () => {
  await using world = await startWorld();
  const { github, repository, environments } = world;
  const other = await github.repository({ owner: 'globex', name: 'site' });
  // A secondary limit on what is written about the flooded repository.
  github.faults([
    {
      match: { method: 'POST', path: '/repos/acme/**' },
      fault: { status: 403, headers: { 'retry-after': '2' } },
      times: 1,
    },
  ]);

  const flooding = await Promise.all(
    Array.from({ length: flood }, (_, index) => repository.open({ head: `flood-${index}`, author: 'flood' })),
  );
  await Promise.all(flooding.map((pull) => pull.push()));
  const others = await Promise.all(
    Array.from({ length: calm }, (_, index) => other.open({ head: `calm-${index}`, author: `calm-${index}` })),
  );

  const readyOf = async (numbers: readonly number[], fullName: string) => {
    const shown =
      await world.api<{ repository_full_name: string; pr_number: number; status: string; commit_sha: string }[]>(
        '/api/v1/environments',
      );
    return shown.filter(
      ({ repository_full_name: name, pr_number: number, status }) =>
        name === fullName && status === 'ready' && numbers.includes(number),
    );
  };
  const calmNumbers = others.map(({ number }) => number);
  const floodNumbers = flooding.map(({ number }) => number);
  let floodReadyThen = flood;
  await soon(
    async () => {
      const [mine, theirs] = [
        await readyOf(calmNumbers, other.fullName),
        await readyOf(floodNumbers, repository.fullName),
      ];
      floodReadyThen = theirs.length;
      expect(mine).toHaveLength(calm);
    },
    { interval: 20 },
  );
  // They came last and did not have to wait for the end of the flood.
  expect(floodReadyThen).toBeLessThan(flood);

  const heads = new Set(flooding.map((pull) => pull.sha()));
  await soon(async () => {
    const ready = await readyOf(floodNumbers, repository.fullName);
    expect(ready.filter(({ commit_sha: sha }) => heads.has(sha))).toHaveLength(flood);
  });
  expect(await environments()).toHaveLength(flood + calm);
  for (const owner of ['acme', 'globex']) {
    const { id } = github.installation(owner).view();
    const times = github
      .writes()
      .filter(({ installationId }) => installationId === id)
      .map(({ at }) => at);
    expect(mostWithin(times, 60_000)).toBeLessThanOrEqual(60);
  }
  for (const pull of others) await pull.close();
});
