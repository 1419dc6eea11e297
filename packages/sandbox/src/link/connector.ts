import { setTimeout as delay } from 'node:timers/promises';
import { EphemeraError, messageOf, orAborted } from '@ephemera/model';
import { ProtocolMismatch, SandboxLost, SandboxRestarted } from '../errors.ts';
import type { ByteStream, SandboxPlace } from '../host.ts';
import { backoffMs } from './backoff.ts';
import { greet } from './greeting.ts';
import { StreamBroken } from './runner-error.ts';
import { Session } from './session.ts';

const verdictTimeoutMs = 10_000;
/** A stream that lived for so long was of use, also where there was nothing to say. */
const usefulMs = 5_000;

export interface ConnectorOptions {
  readonly env: readonly string[] | undefined;
  readonly lostAfterMs: number;
  readonly idleCloseMs: number;
  readonly pingEveryMs: number;
  readonly connectTimeoutMs: number;
  readonly mostBackoffMs: number;
}

interface Attempt {
  readonly session: Promise<Session>;
  readonly controller: AbortController;
  waiters: number;
}

/** Keeps one greeted stream to a sandbox's runner, for as long as somebody asks for it. */
export class Connector {
  readonly #place: SandboxPlace;
  readonly #options: ConnectorOptions;
  #session: Session | undefined;
  #attempt: Attempt | undefined;
  #final: Error | undefined;
  #bootId: string | undefined;
  /** Streams and attempts in a row that came to nothing. */
  #failures = 0;
  #connectedAt = 0;
  /** How many answers the greeting took. */
  #greeting = 0;

  constructor(place: SandboxPlace, options: ConnectorOptions) {
    this.#place = place;
    this.#options = options;
  }

  /** The stream that is there. Throws what has ended the sandbox. */
  get current(): Session | undefined {
    if (this.#final) throw this.#final;
    return this.#session;
  }

  /** All who wait share the attempts; they stop when the last one gives up. */
  async connect(signal: AbortSignal | undefined): Promise<Session> {
    signal?.throwIfAborted();
    const { current } = this;
    if (current) return current;
    const attempt = (this.#attempt ??= this.#begin());
    attempt.waiters += 1;
    try {
      return await orAborted(attempt.session, signal);
    } finally {
      attempt.waiters -= 1;
      if (attempt.waiters === 0) attempt.controller.abort(new StreamBroken('nobody waits for it any more'));
    }
  }

  /** Nothing works afterwards: everything throws the error, what waits already too. */
  end(error: Error): void {
    if (this.#final) return;
    this.#final = error;
    this.#attempt?.controller.abort(error);
    this.#session?.close(error);
  }

  #begin(): Attempt {
    const controller = new AbortController();
    const over = () => {
      if (this.#attempt?.controller === controller) this.#attempt = undefined;
    };
    controller.signal.addEventListener('abort', over, { once: true });
    const session = this.#untilConnected(controller.signal).finally(over);
    // Those who wait have given up, or learn it by their own promise.
    session.catch(() => undefined);
    return { session, controller, waiters: 0 };
  }

  async #untilConnected(signal: AbortSignal): Promise<Session> {
    try {
      return await this.#repeatedly(signal);
    } catch (error) {
      // Whoever asks next begins anew, and not with the longest wait.
      this.#failures = 1;
      throw error;
    }
  }

  async #repeatedly(signal: AbortSignal): Promise<Session> {
    const since = performance.now();
    for (;;) {
      if (this.#failures > 0) {
        const ms = backoffMs(this.#failures - 1, this.#options.mostBackoffMs, Math.random());
        await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
      try {
        return await this.#try(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#failures += 1;
        if (this.#final) throw this.#final;
        if (error instanceof EphemeraError && !error.retryable) throw error;
        const forMs = Math.round(performance.now() - since);
        if (forMs >= this.#options.lostAfterMs) {
          throw new SandboxLost({ id: this.#place.id, forMs, problem: messageOf(error) }, { cause: error });
        }
      }
    }
  }

  /** One attempt. The host is asked meanwhile whether there is anything to connect to: a node that is gone answers nobody. */
  async #try(outer: AbortSignal): Promise<Session> {
    const controller = new AbortController();
    const stop = () => controller.abort(outer.reason);
    outer.addEventListener('abort', stop, { once: true });
    const { connectTimeoutMs } = this.#options;
    const timer = setTimeout(
      () => controller.abort(new StreamBroken(`no stream within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    const early = this.#failures > 0 ? this.#verdict(controller.signal) : undefined;
    void early?.then((verdict) => verdict && controller.abort(verdict));
    try {
      return await orAborted(this.#open(controller.signal), controller.signal);
    } catch (error) {
      const verdict = outer.aborted ? undefined : await (early ?? this.#verdict(outer));
      if (!verdict) throw error;
      this.#final ??= verdict;
      throw verdict;
    } finally {
      clearTimeout(timer);
      outer.removeEventListener('abort', stop);
      controller.abort(new StreamBroken('the attempt is over'));
    }
  }

  async #open(signal: AbortSignal): Promise<Session> {
    const stream = await this.#stream(signal);
    const session = new Session(stream, {
      pingEveryMs: this.#options.pingEveryMs,
      idleCloseMs: this.#options.idleCloseMs,
      onEnd: (error, broken) => this.#ended(session, error, broken),
    });
    const stop = () => session.close(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const bootId = await greet(session, this.#options.env);
      signal.throwIfAborted();
      if (this.#bootId !== undefined && this.#bootId !== bootId) throw new SandboxRestarted({ id: this.#place.id });
      this.#bootId = bootId;
      this.#session = session;
      this.#connectedAt = performance.now();
      this.#greeting = session.answers;
      return session;
    } catch (error) {
      session.close(new StreamBroken('the greeting failed'));
      if (error instanceof SandboxRestarted || error instanceof ProtocolMismatch) this.#final ??= error;
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** A stream that comes after its attempt was given up is closed, not forgotten. */
  async #stream(signal: AbortSignal): Promise<ByteStream> {
    const opening = this.#place.open(signal);
    try {
      return await orAborted(opening, signal);
    } catch (error) {
      opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    }
  }

  #ended(session: Session, error: Error, broken: boolean): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    if (error instanceof ProtocolMismatch) this.#final ??= error;
    // One that was cut before it carried anything is no reason to try again at once.
    const useful = session.answers > this.#greeting || performance.now() - this.#connectedAt > usefulMs;
    this.#failures = !broken ? 0 : useful ? 1 : this.#failures + 1;
  }

  /** Undefined also where the host cannot be asked: what is not known ends nothing. */
  async #verdict(signal: AbortSignal): Promise<Error | undefined> {
    const limited = AbortSignal.any([
      signal,
      AbortSignal.timeout(Math.min(verdictTimeoutMs, this.#options.lostAfterMs)),
    ]);
    try {
      return await orAborted(this.#place.verdict(limited), limited);
    } catch {
      return undefined;
    }
  }
}
