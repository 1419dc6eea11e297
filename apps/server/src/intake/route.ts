import type { Readable } from 'node:stream';
import { isSigned } from '@ephemera/github';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { webhookOperation } from '../routes/server-operations.ts';
import type { Database } from '../store/database.ts';
import { within } from '../within.ts';
import { accept, refuse } from './accept.ts';
import { bodyReader, type Body } from './body.ts';
import { DatabaseSilent, HeaderMissing, NotConfigured, PayloadInvalid, SignatureInvalid } from './errors.ts';
import { readDelivery, type Reading } from './payload.ts';
import { screen } from './screen.ts';
import { createTurns } from './turns.ts';

/** GitHub sends at most 25 MB; pull request events stay far below this. */
const limits = {
  bytes: 5 * 1024 * 1024,
  // Some six of the largest, or a thousand of the usual size.
  atOnceBytes: 32 * 1024 * 1024,
  // GitHub gives up after ten seconds, and its deliveries are here within one.
  deadlineMs: 5_000,
  largeBytes: 256 * 1024,
  largeAtOnce: 4,
};
/** A database that says nothing is as good as down, and GitHub should hear of it while it still listens. */
const storeTimeoutMs = 2_000;
/** As many as there are connections for it. */
const storedAtOnce = 4;
const silent = () => new DatabaseSilent({});

export interface IntakeDeps {
  readonly db: Database;
  /** Undefined when the server has no GitHub App. */
  readonly secrets: readonly string[] | undefined;
  /** Called after a commit that enqueued work. */
  readonly wake: () => void;
  readonly counters: IntakeCounters;
  /** How many signed deliveries are being answered right now. */
  readonly answering: { now: number };
}

export interface IntakeCounters {
  /** All that remains of an unsigned request. */
  unsigned(): void;
  delivered(outcome: 'accepted' | 'duplicate' | 'ignored' | 'refused'): void;
}

/**
 * `POST /webhooks/github`: size cap, signature over the raw bytes, one transaction, 202. Nothing else happens in the request,
 * because GitHub gives up after ten seconds and never asks again.
 */
export async function intakeRoutes(
  app: FastifyInstance,
  { db, secrets, wake, counters, answering }: IntakeDeps,
): Promise<void> {
  // In this plugin only, bodies stay bytes: the signature is over what was sent, not over what a parser made of it.
  app.removeAllContentTypeParsers();
  const read = bodyReader(limits);
  const store = createTurns(storedAtOnce, (error) => error instanceof DatabaseSilent);
  app.addContentTypeParser('application/json', (request: FastifyRequest, payload: Readable) =>
    read(payload, Number(request.headers['content-length'] ?? 0)),
  );
  app.addHook('onRequest', async (request, reply) => {
    try {
      if (secrets) screen(request.headers, limits.bytes);
    } catch (error) {
      if (error instanceof SignatureInvalid) counters.unsigned();
      // Nobody is going to read what is still on its way.
      reply.header('connection', 'close');
      throw error;
    }
  });

  app.post<{ Body: Body | undefined }>('/webhooks/github', webhookOperation, async (request, reply) => {
    using received = request.body;
    if (!secrets) throw new NotConfigured({});
    const body = received?.bytes ?? Buffer.alloc(0);
    if (!isSigned(body, oneHeader(request.headers['x-hub-signature-256']), secrets)) {
      counters.unsigned();
      throw new SignatureInvalid({});
    }
    answering.now += 1;
    reply.raw.once('close', () => (answering.now -= 1));
    const delivery = {
      id: delivered(request.headers['x-github-delivery'], 'X-GitHub-Delivery'),
      event: delivered(request.headers['x-github-event'], 'X-GitHub-Event'),
    };
    const reading = readDelivery(delivery.event, body);
    if (reading.kind === 'ping') return { status: 'pong' };
    if (reading.kind === 'refused') {
      await store(() => within(refuse(db, delivery, reading.reason), storeTimeoutMs, silent));
      counters.delivered('refused');
      throw new PayloadInvalid({ reason: reading.reason });
    }
    const { status, action, reason } = await store(() => within(accept(db, delivery, reading), storeTimeoutMs, silent));
    counters.delivered(status);
    if (status !== 'ignored') wake();
    request.log.info(
      { delivery: delivery.id, event: delivery.event, action, status, reason, ...subjectFields(reading) },
      'webhook',
    );
    void reply.code(202);
    return { status, delivery_id: delivery.id, event: delivery.event, action, reason };
  });
}

/** What the delivery is about, for the log. Pure. */
function subjectFields(reading: Reading): { repository?: string; pr?: number; installation?: number } {
  switch (reading.kind) {
    case 'pull-request':
      return { repository: reading.hint.repositoryFullName, pr: reading.hint.prNumber };
    case 'repository':
      return { repository: reading.hint.repositoryFullName };
    case 'installation':
      return { installation: reading.hint.installationId };
    default:
      return {};
  }
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
