import type { GitHub } from '@ephemera/github';
import { EphemeraError } from '@ephemera/model';
import { pino } from 'pino';
import { expect } from 'vitest';
import { connectedTo, statuses, test as base } from '../../test/report.ts';
import { transition } from '../environment/transition.ts';
import { installationById } from '../store/installations.ts';
import { limitedGitHub } from './limited.ts';

interface Fixture {
  clock: { now: Date; pass: (ms: number) => void };
  connect: (limits?: { perMinute: number; perHour: number }) => GitHub;
  limited: GitHub;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  clock: async ({}, use) => {
    const clock = {
      now: new Date('2026-01-01T00:00:00Z'),
      pass: (ms: number) => (clock.now = new Date(clock.now.getTime() + ms)),
    };
    await use(clock);
  },
  connect: async ({ db, fake, clock }, use) => {
    const log = pino({ level: 'silent' });
    await use((limits = { perMinute: 60, perHour: 400 }) =>
      limitedGitHub({ github: connectedTo(fake), db, limits, log, now: () => clock.now }),
    );
  },
  limited: async ({ connect }, use) => {
    await use(connect());
  },
});

const reading = '/repos/*/*/pulls/*';
const slowDown = (seconds: number) => ({
  status: 403,
  headers: { 'retry-after': String(seconds) },
  body: { message: 'You have exceeded a secondary rate limit.' },
});

test('when GitHub wants to be left alone, all other calls of the installation wait exactly as long', async ({
  connect,
  fake,
  shop,
  pull,
  environment,
  clock,
}) => {
  const ref = { installationId: environment.installationId, fullName: shop.fullName };
  const [first, second] = [connect(), connect()];
  fake.faults([{ match: { path: reading }, fault: slowDown(90) }]);
  await expect(first.pullRequest(ref, pull.number)).rejects.toMatchObject({ details: { retryAfterMs: 90_000 } });
  const before = fake.requests();
  clock.pass(30_000);
  await expect(second.openPullRequests(ref)).rejects.toMatchObject({
    code: 'github.rate_limited',
    details: { retryAfterMs: 60_000 },
  });
  expect(fake.requests()).toEqual(before);
  fake.clearFaults();
  clock.pass(60_000);
  expect((await second.pullRequest(ref, pull.number)).number).toBe(pull.number);
});

test('a limit of one installation is none of another', async ({ limited, fake, shop, pull, environment }) => {
  const other = await fake.repository({ owner: 'umbrella', name: 'site' });
  await other.open({ head: 'feat/x' });
  const ref = { installationId: environment.installationId, fullName: shop.fullName };
  fake.faults([{ match: { path: reading }, fault: slowDown(90), times: 1 }]);
  await expect(limited.pullRequest(ref, pull.number)).rejects.toMatchObject({ code: 'github.rate_limited' });
  const id = fake.installation('umbrella').view().id ?? 0;
  expect(await limited.openPullRequests({ installationId: id, fullName: other.fullName })).toHaveLength(1);
});

test('a pause is never shortened, and the longest says why', async ({
  db,
  limited,
  fake,
  shop,
  pull,
  environment,
  clock,
}) => {
  const ref = { installationId: environment.installationId, fullName: shop.fullName };
  const pausedUntil = async () => (await installationById(db, ref.installationId))?.pausedUntil?.getTime();
  // Both calls are on their way before either is answered.
  fake.faults([
    { match: { path: reading }, fault: slowDown(300), times: 1 },
    { match: { path: '/repos/*/*/pulls' }, fault: { ...slowDown(5), delayMs: 200 } },
  ]);
  await Promise.allSettled([limited.openPullRequests(ref), limited.pullRequest(ref, pull.number)]);
  expect(await pausedUntil()).toBe(clock.now.getTime() + 300_000);
  expect((await installationById(db, ref.installationId))?.pausedBecause).toContain(`reading acme/shop#${pull.number}`);
});

test('an hourly budget that is used up is waited for until GitHub renews it', async ({
  limited,
  fake,
  shop,
  pull,
  environment,
}) => {
  const ref = { installationId: environment.installationId, fullName: shop.fullName };
  fake.limit({ remaining: 0, resetInMs: 120_000 });
  const error = await limited.pullRequest(ref, pull.number).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'github.rate_limited' });
  const { retryAfterMs } = (error as EphemeraError).details;
  expect(retryAfterMs).toBeGreaterThan(110_000);
  expect(retryAfterMs).toBeLessThanOrEqual(121_000);
});

test('an installation that nobody has written down yet is, by the first call', async ({
  db,
  limited,
  shop,
  pull,
  environment,
}) => {
  await db.deleteFrom('installations').execute();
  await limited.pullRequest({ installationId: environment.installationId, fullName: shop.fullName }, pull.number);
  expect(await installationById(db, environment.installationId)).toMatchObject({ state: 'active', pausedUntil: null });
});

test('a spent budget stops writes before they are sent, and no reading', async ({
  connect,
  fake,
  shop,
  pull,
  environment,
}) => {
  const github = connect({ perMinute: 1, perHour: 100 });
  const ref = { installationId: environment.installationId, fullName: shop.fullName };
  const status = { sha: pull.sha(), context: 'ephemera/environment', state: 'success', description: 'x' } as const;
  await github.setCommitStatus(ref, status);
  await expect(github.setCommitStatus(ref, status)).rejects.toMatchObject({
    code: 'github.budget_spent',
    retryable: true,
    details: { per: 'minute', retryAfterMs: expect.any(Number) },
  });
  expect(fake.writes()).toHaveLength(1);
  expect((await github.pullRequest(ref, pull.number)).number).toBe(pull.number);
});

test('with three writes a minute, ten changes end with the newest state told and no failure lost', async ({
  db,
  connect,
  fake,
  pull,
  environment,
  clock,
  publish,
}) => {
  const github = connect({ perMinute: 3, perHour: 400 });
  const sent: number[] = [];
  const attempt = async (): Promise<number | undefined> => {
    try {
      await publish(github);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof EphemeraError) || thrown.code !== 'github.budget_spent') throw thrown;
      return Number(thrown.details['retryAfterMs']);
    } finally {
      while (sent.length < fake.writes().length) sent.push(clock.now.getTime());
    }
  };

  let row = environment;
  for (let change = 1; change <= 10; change += 1) {
    const because = { reason: 'x', message: `It broke, ${change}.` };
    row = await transition(db, row, change % 2 === 1 ? { status: 'failed', because } : { status: 'ready' });
    clock.pass(1_000);
    await attempt();
  }
  for (let waitMs = await attempt(); waitMs !== undefined; waitMs = await attempt()) clock.pass(waitMs);

  const told = statuses(pull);
  for (const change of [1, 3, 5, 7, 9])
    expect(told.filter((line) => line.includes(`broke, ${change}.`))).toHaveLength(1);
  expect(told.at(-1)).toBe('success: The environment is ready');
  expect(pull.comments()).toHaveLength(1);
  expect(pull.comments()[0]?.body).toContain('Environment is ready');
  expect(pull.view().checks).toMatchObject([{ conclusion: 'success' }]);
  const inAMinute = sent.map((from) => sent.filter((at) => at >= from && at < from + 60_000).length);
  expect(Math.max(...inAMinute)).toBe(3);
});
