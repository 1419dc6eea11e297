import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { EphemeraError } from '@ephemera/model';
import { SandboxGone, SandboxNotFound } from '../errors.ts';
import type { HostOptions, SandboxHost, SandboxPlace } from '../host.ts';
import type { SandboxInfo } from '../sandbox-options.ts';
import { createBody } from './create-body.ts';
import { toldSandbox, type ToldSandbox } from './server-answer.ts';
import { serverCalls, type Calls, type ServerAddress } from './server-calls.ts';
import { ServerStrange } from './server-errors.ts';
import { openServerStream } from './server-stream.ts';

const defaultStartMs = 3 * 60_000;
/** Beyond the start: what the server and the cluster need for themselves. */
const marginMs = 60_000;
const removeMs = 120_000;
const againMs = 500;

/** After these the same request, with the same key, is sent again: it makes one sandbox however often it arrives. */
const sentAgain: ReadonlySet<string> = new Set([
  'sandbox.server_unreachable',
  'sandbox.being_made',
  'sandbox.server_stopping',
  'database.unavailable',
]);

/**
 * Sandboxes by way of an Ephemera server, for programs without rights in the cluster. What the token made is what it reaches. The server
 * decides on accounts, nodes, runtime class and pull secrets, and may allow less than a cluster would: `sandbox.not_allowed`.
 */
export function serverHost(address: ServerAddress): SandboxHost {
  const calls = serverCalls(address);
  const placeOf = (told: ToldSandbox): SandboxPlace => new ServerPlace(calls, address.token, told.info);
  return {
    create: async (options) => placeOf(await create(calls, options)),
    find: async (id, signal) => placeOf(await read(calls, id, signal)),
    findByName: async (name, signal) => {
      const told = await named(calls, name, signal);
      return told && placeOf(told);
    },
    list: async (signal) => (await list(calls, '', signal)).map(({ info }) => info),
  };
}

async function create(calls: Calls, options: HostOptions): Promise<ToldSandbox> {
  const { startTimeoutMs = defaultStartMs, signal, onStage } = options;
  const body = createBody(options);
  const idempotencyKey = randomUUID();
  const startedAt = performance.now();
  for (;;) {
    const leftMs = startTimeoutMs + marginMs - (performance.now() - startedAt);
    try {
      const timeoutMs = Math.max(1_000, Math.ceil(leftMs));
      const told = demand(
        calls,
        await calls.call({ method: 'POST', path: '', body, idempotencyKey, timeoutMs, signal }),
      );
      onStage?.({ stage: 'started', ms: Math.round(performance.now() - startedAt) });
      return told;
    } catch (error) {
      const isAgain = error instanceof EphemeraError && sentAgain.has(error.code);
      if (!isAgain || leftMs <= againMs) throw error;
      await after(againMs, undefined, { signal });
    }
  }
}

async function read(calls: Calls, id: string, signal?: AbortSignal): Promise<ToldSandbox> {
  return demand(calls, await calls.call({ method: 'GET', path: `/${encodeURIComponent(id)}`, signal }));
}

async function list(calls: Calls, query: string, signal?: AbortSignal): Promise<readonly ToldSandbox[]> {
  const answer = await calls.call({ method: 'GET', path: query, signal });
  if (!Array.isArray(answer)) throw strange(calls);
  return answer.map((one) => demand(calls, one));
}

/** One that is being made is waited for: whoever asks for it by name wants to use it. */
async function named(calls: Calls, name: string, signal?: AbortSignal): Promise<ToldSandbox | undefined> {
  const until = performance.now() + defaultStartMs + marginMs;
  for (;;) {
    const all = await list(calls, `?name=${encodeURIComponent(name)}`, signal);
    const living = all.filter(({ info }) => info.state !== 'ended');
    const running = living.find(({ info }) => info.state === 'running');
    if (running || living.length === 0 || performance.now() > until) return running;
    await after(againMs, undefined, { signal });
  }
}

function demand(calls: Calls, answer: unknown): ToldSandbox {
  const told = toldSandbox(answer);
  if (!told) throw strange(calls);
  return told;
}

function strange({ shownUrl }: Calls): Error {
  return new ServerStrange({ url: shownUrl, problem: 'its answer is no sandbox' });
}

class ServerPlace implements SandboxPlace {
  readonly id: string;
  info: SandboxInfo;
  readonly #calls: Calls;
  readonly #token: string;

  constructor(calls: Calls, token: string, info: SandboxInfo) {
    this.id = info.id;
    this.info = info;
    this.#calls = calls;
    this.#token = token;
  }

  async open(signal: AbortSignal) {
    const { shownUrl, streamUrl } = this.#calls;
    return openServerStream({ url: streamUrl(this.id), shownUrl, token: this.#token, signal });
  }

  async verdict(signal: AbortSignal): Promise<Error | undefined> {
    try {
      return (await this.#read(signal)).ended;
    } catch (error) {
      if (error instanceof SandboxNotFound)
        return new SandboxGone({ id: this.id, reason: 'the server does not know it any more.' });
      // A token that is revoked comes back by itself as little as a sandbox does.
      if (error instanceof EphemeraError && !error.retryable && error.code.startsWith('token.')) return error;
      throw error;
    }
  }

  async look(signal?: AbortSignal): Promise<SandboxInfo> {
    return (await this.#read(signal)).info;
  }

  async extend(timeoutMs: number, signal?: AbortSignal): Promise<SandboxInfo> {
    const path = `/${encodeURIComponent(this.id)}/extend`;
    const answer = await this.#calls.call({ method: 'POST', path, body: { timeout_ms: timeoutMs }, signal });
    this.info = demand(this.#calls, answer).info;
    return this.info;
  }

  async remove({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const path = `/${encodeURIComponent(this.id)}`;
    try {
      await this.#calls.call({ method: 'DELETE', path, timeoutMs: removeMs, signal });
    } catch (error) {
      if (!(error instanceof SandboxNotFound)) throw error;
    }
  }

  async dispose(): Promise<void> {}

  async #read(signal: AbortSignal | undefined): Promise<ToldSandbox> {
    const told = await read(this.#calls, this.id, signal);
    this.info = told.info;
    return told;
  }
}
