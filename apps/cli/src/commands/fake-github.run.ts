import { startFakeGitHub } from '@ephemera/fake-github';
import { messageOf } from '@ephemera/model';
import type { Context } from '../context.ts';
import { BadInput, PortTaken } from '../errors.ts';
import { takeSignals } from '../interruption.ts';

export async function fakeGitHub(this: Context, { port, webhook }: { port: number; webhook?: string }): Promise<void> {
  if (webhook !== undefined && !/^https?:\/\//.test(webhook)) {
    throw new BadInput({
      problem: `${webhook} is no URL to deliver webhooks to.`,
      hint: 'For example --webhook http://127.0.0.1:3001/webhooks/github',
    });
  }
  const { stdout, stderr } = this.process;
  using interruption = takeSignals(this.process);
  await using github = await startFakeGitHub({
    port,
    log: (line) => stderr.write(`${line}\n`),
    ...(webhook === undefined ? {} : { webhookUrl: webhook }),
  }).catch((error: unknown) => {
    throw new PortTaken({ port, problem: messageOf(error) }, { cause: error });
  });
  for (const [name, value] of Object.entries(github.settings)) stdout.write(`${name}=${value}\n`);
  await interruption.happened;
}
