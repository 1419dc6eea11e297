import { randomBytes } from 'node:crypto';
import { EphemeraError } from '@ephemera/model';
import { sandboxErrors, type HostOptions } from '@ephemera/sandbox';
import type { FastifyBaseLogger } from 'fastify';
import { hashOf } from '../pr-jobs/hashes.ts';
import type { Caller } from '../tokens/caller.ts';
import { toSandboxAnswer, type SandboxAnswer } from './answers.ts';
import type { SandboxDeps } from './deps.ts';
import { BeingMade, KeyReused, Stopping, TooMany } from './errors.ts';
import type { Opened } from './opened.ts';
import { orderOf, type CreateBody } from './order.ts';
import { allowedOrder, namespaceFor, type AllowedOrder } from './policy.ts';
import {
  claimSandbox,
  sandboxEnded,
  sandboxReady,
  sandboxRows,
  stillMaking,
  type Claimed,
  type NewSandbox,
} from './store/sandboxes.ts';

export interface CreateRequest {
  readonly caller: Caller;
  readonly body: CreateBody;
  /** The header Idempotency-Key. */
  readonly key: string | undefined;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
}

/** Beyond the start itself: what is left of one that failed is removed in this time. */
const tidyMs = 60_000;
/** A maker that has not said for so long that it is at work is held to be dead. */
const settleMs = 20_000;
const sayEveryMs = 4_000;
const askAgainSeconds = 2;

/**
 * Makes a sandbox, or returns the one that the same key has made before. It is written down before anything of it is made, so that the sweep
 * finds what a server that was killed has begun. A client that goes away before the answer has none. Throws what policy, database and host
 * throw, `sandbox.too_many`, `sandbox.name_taken`, `sandbox.key_reused` and `sandbox.being_made`.
 */
export async function createForCaller(
  deps: SandboxDeps,
  opened: Opened,
  request: CreateRequest,
): Promise<SandboxAnswer> {
  const { policy } = deps;
  const { caller, body, key } = request;
  const namespace = namespaceFor(policy, caller);
  const asked = orderOf(body);
  const order = allowedOrder(policy, caller, asked);
  const wanted: NewSandbox = {
    id: `sandbox-${randomBytes(5).toString('hex')}`,
    account: caller.account,
    madeBy: caller.name,
    namespace,
    name: order.name,
    image: order.image,
    // As long as it is being made it is not over.
    expiresMs: Math.max(order.timeoutMs, order.startTimeoutMs + tidyMs),
    settleMs,
    // Not what the server decides: its settings may change between two tries. Variables may hold credentials that change from one try to the next; what is not hashed cannot be guessed from its hash.
    key:
      key === undefined ? undefined : { keyHash: hashOf([key]), requestHash: hashOf([asked, body.env !== undefined]) },
    most: { ofAccount: policy.perAccount, inAll: policy.inAll },
  };
  const claimed = await claim(deps, wanted);
  if (claimed.is === 'new') return make(deps, opened, { ...request, wanted, order });
  if (claimed.answer === null) throw new BeingMade({ id: claimed.id, retryAfterSeconds: askAgainSeconds });
  if (claimed.isOver)
    throw new sandboxErrors.SandboxGone({ id: claimed.id, reason: 'it has ended since this Idempotency-Key made it' });
  return { ...(claimed.answer as SandboxAnswer), created: false };
}

async function claim(deps: SandboxDeps, wanted: NewSandbox): Promise<Extract<Claimed, { is: 'new' | 'repeated' }>> {
  let claimed = await claimSandbox(deps.db, wanted);
  if (claimed.is === 'too_many' || claimed.is === 'name_taken') {
    // Those that ended by themselves are found out about only when somebody looks.
    await noteEnded(deps, wanted);
    claimed = await claimSandbox(deps.db, wanted);
  }
  if (claimed.is === 'new' || claimed.is === 'repeated') return claimed;
  if (claimed.is === 'key_reused') throw new KeyReused({});
  if (claimed.is === 'name_taken') throw new sandboxErrors.NameTaken({ name: wanted.name ?? '', id: claimed.id });
  const { most } = wanted;
  throw claimed.whose === 'account'
    ? new TooMany({ whose: 'The token has', most: most.ofAccount })
    : new TooMany({ whose: 'All tokens together have', most: most.inAll });
}

/** Those of the account that its host says have ended, or does not know any more. */
async function noteEnded({ db, hostOf }: SandboxDeps, { account, namespace }: NewSandbox): Promise<void> {
  const rows = await sandboxRows(db, { account, living: true });
  const ready = rows.filter((row) => row.readyAt !== null && row.namespace === namespace);
  if (ready.length === 0) return;
  const infos = await hostOf({ namespace, account }).list();
  const running = new Set(infos.filter(({ state }) => state !== 'ended').map(({ id }) => id));
  await sandboxEnded(
    db,
    ready.map(({ id }) => id).filter((id) => !running.has(id)),
  );
}

interface Making extends CreateRequest {
  readonly wanted: NewSandbox;
  readonly order: AllowedOrder;
}

async function make(deps: SandboxDeps, opened: Opened, making: Making): Promise<SandboxAnswer> {
  const { db, hostOf, stopping } = deps;
  const { wanted, order, body, gone, log } = making;
  const { id, namespace, account } = wanted;
  const signal = AbortSignal.any([gone, stopping]);
  const saying = setInterval(() => void stillMaking(db, id, settleMs).catch(() => {}), sayEveryMs);
  try {
    const options: HostOptions = { ...order, ...(body.env && { env: body.env }), id, signal };
    const place = await hostOf({ namespace, account }).create(options);
    try {
      using open = opened.add(place, body.env);
      // The runner keeps the variables for all who come; without any there is nothing to say to it yet.
      if (body.env) await open.sandbox.commands.list();
      signal.throwIfAborted();
      const info = { ...place.info, state: 'running' as const };
      const answer = { ...toSandboxAnswer(info), created: true };
      if (await sandboxReady(db, { id, expiresAt: info.expiresAt, answer })) return answer;
      throw new sandboxErrors.SandboxGone({ id, reason: 'it was removed while it was being made' });
    } catch (error) {
      opened.drop(id);
      // What cannot be removed now the sweep removes: its row says that it came to nothing.
      await place.remove().catch((trouble: unknown) => log.warn({ err: trouble, sandbox: id }, 'a sandbox is left'));
      throw error;
    }
  } catch (error) {
    await sandboxEnded(db, [id]).catch((trouble: unknown) =>
      log.warn({ err: trouble, sandbox: id }, 'that a sandbox came to nothing could not be written down'),
    );
    if (stopping.aborted && !(error instanceof EphemeraError)) throw new Stopping({}, { cause: error });
    throw error;
  } finally {
    clearInterval(saying);
  }
}
