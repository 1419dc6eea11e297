import type { OutputStream } from '../../wire/answer.ts';
import { DATA_BYTES } from '../../wire/limits.ts';
import type { RequestOf } from '../../wire/request.ts';
import type { Clock } from '../machine/clock.ts';
import type { RunnerChannel } from './channel.ts';
import type { Command } from './command.ts';

const streams: readonly OutputStream[] = ['stdout', 'stderr'];

/** Sends what a command has written and writes, as far as the client allows, and then how it ended. */
export async function attach(
  command: Command,
  request: RequestOf<'attach'>,
  channel: RunnerChannel,
  clock: Clock,
): Promise<void> {
  channel.allow(request.window);
  const follower = { at: { stdout: request.fromStdout, stderr: request.fromStderr }, lastTook: clock.now() };
  const until = { stdout: command.output.stdout.total, stderr: command.output.stderr.total };
  command.attached += 1;
  if (request.follow) command.followers.add(follower);
  try {
    while (!channel.isOver) {
      // Before looking for output: what is written between the two would be missed.
      const { exit } = command;
      const next = command.change.next(channel.over);
      let sent = false;
      for (const stream of streams) {
        if (!request.follow && follower.at[stream] >= until[stream]) continue;
        sent = (await sendNext(command, stream, follower, channel)) || sent;
      }
      if (sent) {
        follower.lastTook = clock.now();
        command.change.tell();
      } else if (exit !== undefined) return await channel.send(exit);
      else if (!request.follow) return;
      else await next;
    }
  } finally {
    command.attached -= 1;
    command.followers.delete(follower);
    command.change.tell();
  }
}

/** One frame of one stream, or none where there is nothing new. */
async function sendNext(
  command: Command,
  stream: OutputStream,
  { at }: { readonly at: Record<OutputStream, number> },
  channel: RunnerChannel,
): Promise<boolean> {
  const kept = command.output[stream];
  if (at[stream] >= kept.total) return false;
  const credit = await channel.spend(DATA_BYTES);
  if (credit === 0) return false;
  const from = at[stream];
  if (from < kept.start) {
    at[stream] = kept.start;
    channel.allow(credit);
    await channel.send({ kind: 'lost', stream, from, to: kept.start });
    return true;
  }
  const data = kept.read(from, credit);
  channel.allow(credit - data.length);
  at[stream] += data.length;
  await channel.send({ kind: 'out', stream, offset: from, data });
  return true;
}
