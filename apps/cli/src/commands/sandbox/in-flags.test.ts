import { sandboxErrors } from '@ephemera/sandbox';
import { expect, test } from 'vitest';
import { inCommandFlags, inSandboxFlags } from './in-flags.ts';

const refused = (...paths: readonly string[]) => {
  const problems = paths.map((path) => ({ path, problem: 'is wrong', fix: 'mend it' }));
  return Promise.reject(new sandboxErrors.SandboxInvalid({ what: 'This', problems }));
};

test('what is wrong with a sandbox is told in flags, and times in their units', async () => {
  const work = refused('image', 'resources.limits.cpu', 'network.allow[1].cidr', 'env.A', 'timeoutMs', 'arch');
  await expect(inSandboxFlags(work)).rejects.toMatchObject({
    code: 'cli.bad_input',
    message: [
      'This cannot be used:',
      '- IMAGE is wrong: mend it',
      '- --cpu is wrong: mend it',
      '- --allow is wrong: mend it',
      '- --env is wrong: mend it',
      '- --lifetime is wrong: give 1s to 168h.',
      '- arch is wrong: mend it',
    ].join('\n'),
  });
});

test('what is wrong with a command is told in its own flags', async () => {
  await expect(inCommandFlags(refused('argv[1]', 'timeoutMs', 'env["A"]'))).rejects.toThrow(
    /- the command is wrong: mend it\n- --timeout is wrong: give 1ms to 168h\.\n- --env is wrong: mend it$/,
  );
});

test('every other error stays as it is', async () => {
  const error = new sandboxErrors.SandboxNotFound({ id: 'a' });
  await expect(inSandboxFlags(Promise.reject(error))).rejects.toBe(error);
});
