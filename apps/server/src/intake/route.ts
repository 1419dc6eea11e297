import { isSigned } from '@ephemera/github';
import type { FastifyInstance } from 'fastify';
import type { Database } from '../store/database.ts';
import { within } from '../within.ts';
import { accept, refuse } from './accept.ts';
import { DatabaseSilent, HeaderMissing, NotConfigured, PayloadInvalid, SignatureInvalid } from './errors.ts';
import { readDelivery } from './payload.ts';

/** GitHub sends at most 25 MB; pull request events stay far below this. */
const bodyLimitBytes = 5 * 1024 * 1024;
/** A database that says nothing is as good as down, and GitHub should hear of it while it still listens. */
const storeTimeoutMs = 2_000;
const silent = () => new DatabaseSilent({});

export interface IntakeDeps {
  readonly db: Database;
  /** Undefined when the server has no GitHub App. */
  readonly secrets: readonly string[] | undefined;
  /** Called after a commit that enqueued work. */
  readonly wake: () => void;
  readonly counters: IntakeCounters;
}

/** All that remains of an unsigned request. */
export interface IntakeCounters {
  unsigned: number;
}

/**
 * `POST /webhooks/github`: size cap, signature over the raw bytes, one transaction, 202. Nothing else happens in the request,
 * because GitHub gives up after ten seconds and never asks again.
 */
export async function intakeRoutes(app: FastifyInstance, { db, secrets, wake, counters }: IntakeDeps): Promise<void> {
  // In this plugin only, bodies stay bytes: the signature is over what was sent, not over what a parser made of it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
    (_request, body, done) => done(null, body),
  );

  app.post<{ Body: Buffer }>('/webhooks/github', { bodyLimit: bodyLimitBytes }, async (request, reply) => {
    if (!secrets) throw new NotConfigured({});
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!isSigned(body, oneHeader(request.headers['x-hub-signature-256']), secrets)) {
      counters.unsigned += 1;
      throw new SignatureInvalid({});
    }
    const delivery = {
      id: delivered(request.headers['x-github-delivery'], 'X-GitHub-Delivery'),
      event: delivered(request.headers['x-github-event'], 'X-GitHub-Event'),
    };
    const reading = readDelivery(delivery.event, body);
    if (reading.kind === 'ping') return { status: 'pong' };
    if (reading.kind === 'refused') {
      await within(refuse(db, delivery, reading.reason), storeTimeoutMs, silent);
      throw new PayloadInvalid({ reason: reading.reason });
    }
    const { status, action, reason } = await within(accept(db, delivery, reading), storeTimeoutMs, silent);
    if (status !== 'ignored') wake();
    request.log.info({ delivery: delivery.id, event: delivery.event, action, status, reason }, 'webhook');
    return reply.code(202).send({ status, delivery_id: delivery.id, event: delivery.event, action, reason });
  });
}

function oneHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Ids and event names are short and plain; anything else never reaches the database. */
function delivered(value: string | readonly string[] | undefined, header: string): string {
  const text = oneHeader(value);
  if (text === undefined || text === '') throw new HeaderMissing({ header, problem: 'is missing' });
  if (!/^[\w.:-]{1,100}$/.test(text)) throw new HeaderMissing({ header, problem: 'is not one that GitHub sends' });
  return text;
}
