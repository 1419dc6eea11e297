import { DATA_BYTES } from '../../wire/limits.ts';
import type { RequestOf } from '../../wire/request.ts';
import type { Ports, SocketEnd } from '../machine/ports.ts';
import type { RunnerChannel } from './channel.ts';
import { RunnerFault } from './fault.ts';

const ECONNREFUSED = 111;
/** How much of the client's data may be under way. */
const windowBytes = 256 * 1024;

/** A connection to a port: data both ways, until both have ended. */
export async function connect(ports: Ports, request: RequestOf<'connect'>, channel: RunnerChannel): Promise<void> {
  const socket = ports.connect(request.port);
  if (socket === undefined) throw new RunnerFault('port_refused', 'nobody listens there', ECONNREFUSED);
  channel.allow(request.window);
  try {
    await channel.send({ kind: 'connected' });
    await channel.send({ kind: 'credit', bytes: windowBytes });
    await Promise.all([toClient(socket, channel), fromClient(socket, channel)]);
  } finally {
    socket.close();
  }
}

async function toClient(socket: SocketEnd, channel: RunnerChannel): Promise<void> {
  const over = new Promise<undefined>((resolve) => channel.over.addEventListener('abort', () => resolve(undefined)));
  while (!channel.isOver) {
    const credit = await channel.spend(DATA_BYTES);
    const data = await Promise.race([socket.pipe.read(credit), over]);
    if (data === undefined) break;
    channel.allow(credit - data.length);
    await channel.send({ kind: 'portData', data });
  }
  await channel.send({ kind: 'portEnd' });
}

async function fromClient(socket: SocketEnd, channel: RunnerChannel): Promise<void> {
  for (;;) {
    const request = await channel.next();
    if (request?.kind !== 'portData') return socket.end();
    // Where the other side has gone, the rest is read and lost, as the kernel does.
    await socket.write(request.data).catch(() => {});
    await channel.send({ kind: 'credit', bytes: request.data.length });
  }
}
