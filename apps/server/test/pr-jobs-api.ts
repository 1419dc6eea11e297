import { expect } from 'vitest';
import type { ShownSweep } from './sweep-now.ts';
import { soon } from './world.ts';

export interface ShownPrJob {
  readonly jobName: string;
  readonly serviceAccountName: string;
  readonly namespace: string;
  readonly created: boolean;
}

/** The API of a server as somebody who may do everything. */
export interface PrJobsApi {
  /** The answer to an action, whatever it is. */
  ask(body: object, idempotencyKey?: string): Promise<Response>;
  /** With the image of the tests where the body names none. */
  create(
    body: { readonly name: string; readonly namespace: string; readonly repository?: object },
    idempotencyKey?: string,
  ): Promise<ShownPrJob>;
  cleanup(body: { readonly name: string; readonly namespace: string }): Promise<readonly string[]>;
  /** Asks for one pass, and waits for its end. */
  sweep(options?: { readonly dryRun: boolean }): Promise<ShownSweep>;
}

export function prJobsApi(url: string, authorization: string): PrJobsApi {
  const headers = { authorization, 'content-type': 'application/json' };
  const ask = (body: object, key?: string) =>
    fetch(`${url}/api/kubernetes/pr-jobs`, {
      method: 'POST',
      headers: { ...headers, ...(key !== undefined && { 'idempotency-key': key }) },
      body: JSON.stringify(body),
    });
  async function done<Answer>(asked: Promise<Response>): Promise<Answer> {
    const response = await asked;
    const answer = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${answer}`);
    return JSON.parse(answer) as Answer;
  }
  return {
    ask,
    create: async (body, key) => (await done<{ job: ShownPrJob }>(ask({ image: 'busybox:1', ...body }, key))).job,
    cleanup: async (body) => (await done<{ removed: string[] }>(ask({ action: 'cleanup', ...body }))).removed,
    sweep: async ({ dryRun } = { dryRun: false }) => {
      const { id } = await done<ShownSweep>(
        fetch(`${url}/api/v1/sweeps`, { method: 'POST', headers, body: JSON.stringify({ dry_run: dryRun }) }),
      );
      let last: ShownSweep | undefined;
      await soon(async () => {
        last = await done<ShownSweep>(fetch(`${url}/api/v1/sweeps/${id}`, { headers }));
        expect(last.state).toBe('done');
      });
      if (!last) throw new Error('no sweep');
      return last;
    },
  };
}
