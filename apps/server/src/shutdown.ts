import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { messageOf } from '@ephemera/model';
import type { Database } from './store/database.ts';
import { announceWork } from './store/work.ts';
import { within } from './within.ts';
import type { Worker } from './work/worker.ts';

/** The worker cuts off what runs after ten seconds; what does not listen to that either gets this much more, and is left alone then. */
const drainBoundMs = 11_500;
const announceBoundMs = 500;
const answersBoundMs = 1_500;

/**
 * Leases nothing more, lets what runs finish or cuts it off, and tells other servers that its leases are free, so that they need not
 * find out. Webhooks are answered all the while: what they bring is stored, and whoever works next does it.
 */
export async function drain(worker: Worker, db: Database, log: Pick<Logger, 'warn'>): Promise<void> {
  const late = () => new Error('something that runs does not let itself be cut off; its leases lapse by themselves');
  await within(Promise.resolve(worker[Symbol.asyncDispose]()), drainBoundMs, late).catch((error: unknown) =>
    log.warn({ problem: messageOf(error) }, 'the work could not be drained'),
  );
  // Best effort: without it others look by themselves within seconds.
  await within(announceWork(db), announceBoundMs, late).catch(() => {});
}

/** Takes no more requests, gives those under way their answers, and breaks off what takes longer. */
export async function closeHttp(app: FastifyInstance): Promise<void> {
  const closed = app.close();
  await within(closed, answersBoundMs, () => new Error('late')).catch(() => app.server.closeAllConnections());
  await closed;
}
