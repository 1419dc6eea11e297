import { ProtocolMismatch } from '../errors.ts';
import { PROTOCOL_VERSION } from '../wire/limits.ts';
import type { Channel } from './channel.ts';
import { RunnerError, StreamBroken } from './runner-error.ts';
import type { Session } from './session.ts';

/** The first words on a stream, and the environment if this process knows one. Returns the runner's boot id, in hex. */
export async function greet(session: Session, env: readonly string[] | undefined): Promise<string> {
  const hello = session.open({ kind: 'hello', version: PROTOCOL_VERSION });
  const given = env && session.open({ kind: 'env', env });
  try {
    const bootId = await bootIdOf(hello);
    for await (const _ of given?.answers ?? []);
    return bootId;
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    throw new ProtocolMismatch({ problem: error.message }, { cause: error });
  }
}

async function bootIdOf(channel: Channel): Promise<string> {
  let bootId: string | undefined;
  for await (const answer of channel.answers) {
    if (answer.kind !== 'hello') continue;
    if (answer.version !== PROTOCOL_VERSION) {
      throw new ProtocolMismatch({ problem: `it speaks version ${answer.version}, and this is ${PROTOCOL_VERSION}` });
    }
    bootId = Buffer.from(answer.bootId).toString('hex');
  }
  if (bootId === undefined) throw new StreamBroken('the greeting had no answer');
  return bootId;
}
