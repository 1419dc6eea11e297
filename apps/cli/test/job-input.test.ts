import { expect, test } from 'vitest';
import { accessFor } from '../src/commands/job/access.ts';
import { nextCommand } from '../src/commands/job/next-command.ts';
import { parseCount, parseDuration } from '../src/flags.ts';
import { kubeconfig } from './kubeconfig.ts';
import { temporaryFolder } from './temporary-folder.ts';

test.each([
  ['500ms', 500],
  ['60s', 60_000],
  ['2m', 120_000],
  ['1h30m', 5_400_000],
  ['576h', 2_073_600_000],
])('the duration %s is %i milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '60', '0s', 's', '-1s', '1.5m', '1m ', '1d', '577h', '9'.repeat(400) + 's'])(
  'the duration “%s” is refused with the form that is wanted',
  (text) => {
    expect(() => parseDuration(text)).toThrow(/such as 90s, 2m or 1h30m/);
  },
);

test('a count is a whole number that is not negative', () => {
  expect(parseCount('0')).toBe(0);
  for (const text of ['', '-1', '1.5', 'all', '9'.repeat(30)]) expect(() => parseCount(text)).toThrow(/0 or more/);
});

test('the next command names job, namespace and context so that a shell takes it', () => {
  const ref = { namespace: 'shop', name: 'hello' };
  expect(nextCommand('logs --follow', ref, undefined)).toBe('npx ephemera job logs --follow hello --namespace shop');
  expect(nextCommand('delete', ref, "it's $(here)")).toBe(
    String.raw`npx ephemera job delete hello --namespace shop --context 'it'\''s $(here)'`,
  );
});

test('the flag decides on the context, then the manifest, then CLUSTER_NAME, then the file', () => {
  using folder = temporaryFolder('job');
  const environment = { KUBECONFIG_PATH: kubeconfig(folder.path, ['current', 'staging', 'prod']) };
  const named = { ...environment, CLUSTER_NAME: 'staging' };
  expect(accessFor({}, environment).name).toBe('current');
  expect(accessFor({}, named).name).toBe('staging');
  expect(accessFor({ clusterName: 'prod' }, named).name).toBe('prod');
  expect(accessFor({ context: 'staging' }, environment).name).toBe('staging');
  expect(accessFor({ context: 'prod', clusterName: 'prod' }, environment).name).toBe('prod');
});

test('a manifest for one context is refused with another one, and its name alone, which is no context, decides nothing', () => {
  using folder = temporaryFolder('job');
  const environment = { KUBECONFIG_PATH: kubeconfig(folder.path, ['current', 'staging', 'prod']) };
  expect(() => accessFor({ context: 'staging', clusterName: 'prod' }, environment)).toThrow(
    expect.objectContaining({ code: 'cli.bad_input', message: expect.stringContaining('the manifest is for prod') }),
  );
  expect(accessFor({ context: 'staging', clusterName: 'eks-7' }, environment).name).toBe('staging');
  expect(accessFor({ clusterName: 'eks-7' }, environment).name).toBe('current');
});
