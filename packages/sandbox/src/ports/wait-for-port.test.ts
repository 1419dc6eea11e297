import { expect, test } from 'vitest';
import { scriptedRunner } from '../../test/scripted/scripted-runner.ts';
import { SandboxGone } from '../errors.ts';
import { waitForPort } from './wait-for-port.ts';

test('it returns as soon as the port takes a connection, and leaves none open', async () => {
  let asked = 0;
  using runner = scriptedRunner((request, turn) => {
    if (request.kind !== 'connect') return;
    asked += 1;
    if (asked < 4) turn.refuse('port_refused', 111);
    else turn.answer({ kind: 'connected' }, { kind: 'credit', bytes: 10 });
  });
  await waitForPort(runner.link, 3000);
  expect(asked).toBe(4);
  await expect.poll(() => runner.seen.at(-1)?.kind).toBe('cancel');
});

test('it gives up after its time, and says what it saw last', async () => {
  using runner = scriptedRunner((request, turn) => request.kind === 'connect' && turn.refuse('port_refused', 111));
  await expect(waitForPort(runner.link, 3000, { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'sandbox.wait_timeout',
    message:
      'Port 3000 of the sandbox did not come within 100 ms: Nothing answers at port 3000 in the sandbox: connection refused.',
  });
});

test('it gives up after its time also where the sandbox says nothing', async () => {
  using runner = scriptedRunner(() => {});
  await expect(waitForPort(runner.link, 3000, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'sandbox.wait_timeout',
  });
});

test('a sandbox that is gone ends the waiting at once', async () => {
  const gone = new SandboxGone({ id: 'sandbox-0123456789', reason: 'its pod was deleted' });
  using runner = scriptedRunner(
    (_, turn) => turn.cut(),
    () => gone,
  );
  await expect(waitForPort(runner.link, 3000)).rejects.toBe(gone);
});

test('an aborted wait throws the reason of its signal', async () => {
  const controller = new AbortController();
  using runner = scriptedRunner((_, turn) => {
    turn.refuse('port_refused', 111);
    controller.abort(new Error('enough'));
  });
  await expect(waitForPort(runner.link, 3000, { signal: controller.signal })).rejects.toThrow('enough');
});
