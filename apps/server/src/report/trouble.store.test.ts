import type { WayName } from '../store/reports.ts';
import { expect } from 'vitest';
import { age, statuses as told, test } from '../../test/report.ts';
import { transition } from '../environment/transition.ts';
import { saveInstallation, markInstallationRemoved } from '../store/installations.ts';
import { reportState } from '../store/reports.ts';

const refusedLines = (logged: readonly string[]) => logged.filter((line) => line.startsWith('warn'));
const mayNot: Record<WayName, string> = {
  statuses: 'Ephemera may not write commit statuses: grant the App the permission Commit statuses: write.',
  checks: 'Ephemera may not write check runs: grant the App the permission Checks: write.',
  issues: 'Ephemera may not comment on pull requests: grant the App the permission Pull requests: write.',
};

for (const [way, levels] of [
  ['statuses', { statuses: 'none' }],
  ['checks', { checks: 'none' }],
] as const) {
  test(`without the permission for ${way} the other ways go on, and the comment says once what to grant`, async ({
    db,
    fake,
    pull,
    environment,
    logged,
    publish,
  }) => {
    const installation = fake.installation('acme');
    const granted = installation.view().permissions;
    await installation.permissions(levels);
    const provisioning = await transition(db, environment, { status: 'provisioning' });
    await age(db);
    await publish();
    expect(pull.comments()[0]?.body).toContain(mayNot[way]);
    expect(pull.view().statuses).toHaveLength(way === 'statuses' ? 0 : 1);
    expect(pull.view().checks).toHaveLength(way === 'checks' ? 0 : 1);
    expect(pull.view().checks[0]?.summary ?? '').not.toContain(mayNot[way]);

    const ready = await transition(db, provisioning, { status: 'ready' });
    await publish();
    expect(refusedLines(logged)).toHaveLength(1);
    expect((await reportState(db, environment.repositoryId, environment.prNumber)).refused).toEqual([way]);

    await installation.permissions(granted);
    await transition(db, ready, { status: 'failed', because: { reason: 'x', message: 'It broke.' } });
    await publish();
    expect(pull.comments()[0]?.body).not.toContain(mayNot[way]);
    expect(told(pull).at(-1)).toBe('failure: It broke.');
    expect(pull.view().checks).toMatchObject([{ conclusion: 'failure' }]);
    expect((await reportState(db, environment.repositoryId, environment.prNumber)).refused).toEqual([]);
  });
}

test('without the permission to comment, the check run says what to grant', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  await fake.installation('acme').permissions({ issues: 'none', pull_requests: 'none' });
  await transition(db, environment, { status: 'ready' });
  await publish();
  expect(told(pull)).toEqual(['success: The environment is ready']);
  expect(pull.view().checks[0]?.summary).toContain(mayNot.issues);
});

test('a failure that happened while statuses were refused is told once they are allowed', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  await fake.installation('acme').permissions({ statuses: 'none' });
  const failed = await transition(db, environment, {
    status: 'failed',
    because: { reason: 'x', message: 'It broke.' },
  });
  await publish();
  await transition(db, failed, { status: 'ready' });
  await publish();
  await fake.installation('acme').permissions({ statuses: 'write' });
  await publish();
  expect(told(pull)).toEqual(['failure: It broke.', 'success: The environment is ready']);
});

test('a comment that a person deleted is made again by the next report, though nothing changed', async ({
  db,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  await publish();
  await pull.deleteComment(pull.comments()[0]?.id ?? 0);
  await publish();
  expect(pull.comments()).toHaveLength(1);
  expect(pull.comments()[0]?.body).toContain('Environment is ready');
});

test('a repository that GitHub does not show any more ends the report quietly', async ({
  db,
  shop,
  environment,
  logged,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  await shop.remove();
  expect(await publish()).toEqual({ kind: 'done' });
  expect(logged).toEqual(['debug: nobody is told: GitHub does not show the pull request to the App any more']);
});

test('an App that is suspended or uninstalled mid-way ends the report quietly', async ({
  db,
  fake,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  await fake.installation('acme').suspend();
  expect(await publish()).toEqual({ kind: 'done' });
  await fake.installation('acme').remove();
  expect(await publish()).toEqual({ kind: 'done' });
});

test('where the App is known to be suspended or removed, GitHub is not even asked', async ({
  db,
  fake,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  const facts = { id: environment.installationId, account: 'acme', permissions: {} };
  await saveInstallation(db, { ...facts, suspended: true });
  expect(await publish()).toEqual({ kind: 'done' });
  await markInstallationRemoved(db, environment.installationId);
  expect(await publish()).toEqual({ kind: 'done' });
  expect(fake.writes()).toEqual([]);
  await saveInstallation(db, { ...facts, suspended: false });
  await publish();
  expect(fake.writes()).toHaveLength(3);
});

test('a token that is revoked between two reports is replaced', async ({ db, fake, pull, environment, publish }) => {
  const ready = await transition(db, environment, { status: 'ready' });
  await publish();
  fake.revokeTokens();
  await transition(db, ready, { status: 'failed', because: { reason: 'x', message: 'It broke.' } });
  await publish();
  expect(told(pull).at(-1)).toBe('failure: It broke.');
});

test('when an answer is lost after GitHub did what it was asked, nothing is there twice in the end', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  fake.faults([
    { match: { method: 'POST', path: '/**/comments' }, fault: { drop: true }, times: 1 },
    { match: { method: 'POST', path: '/**/check-runs' }, fault: { drop: true }, times: 1 },
  ]);
  await expect(publish()).rejects.toMatchObject({ code: 'github.unreachable' });
  await expect(publish()).rejects.toMatchObject({ code: 'github.unreachable' });
  await publish();
  expect(told(pull)).toEqual(['success: The environment is ready']);
  expect(pull.comments()).toHaveLength(1);
  expect(pull.view().checks).toHaveLength(1);
});

test('a server error stops the report, which says the rest when GitHub is well again', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  fake.faults([{ match: { method: 'POST', path: '/**/comments' }, fault: { status: 502 }, times: 1 }]);
  await expect(publish()).rejects.toMatchObject({ code: 'github.unavailable', retryable: true });
  await publish();
  expect(told(pull)).toHaveLength(1);
  expect(pull.comments()).toHaveLength(1);
});

test('what GitHub will not take in one way is told in the others, and stays a failure of the work', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  await transition(db, environment, { status: 'ready' });
  fake.faults([{ match: { method: 'POST', path: '/**/comments' }, fault: { status: 422 } }]);
  await expect(publish()).rejects.toMatchObject({ code: 'github.invalid' });
  expect(told(pull)).toEqual(['success: The environment is ready']);
  expect(pull.view().checks).toHaveLength(1);
});

test('the status of a commit that GitHub does not have any more does not keep the newest from being told', async ({
  db,
  fake,
  pull,
  environment,
  publish,
}) => {
  const gone = pull.sha();
  const ready = await transition(db, environment, { status: 'ready' });
  await pull.push();
  await transition(db, ready, { status: 'ready', commitSha: pull.sha() });
  fake.faults([{ match: { method: 'POST', path: `/**/statuses/${gone}` }, fault: { status: 422 } }]);
  await publish();
  expect(pull.view().statuses).toMatchObject([{ sha: pull.sha(), state: 'success' }]);
});
