import type { FakeGitHub } from '@ephemera/fake-github';
import { kubectlJson } from '@ephemera/local-cluster/kubectl';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { instanceId } from '../../src/store/instance.ts';
import { createToken } from '../../src/tokens/tokens.ts';
import { leaveBuilder, prJobNamespace } from '../pr-job-namespace.ts';
import { prJobsApi, type PrJobsApi } from '../pr-jobs-api.ts';
import { soon } from '../world.ts';
import { tapEffects, type CrashPoint } from './effect-tap.ts';
import { patience, setStage } from './stage.ts';

/** What is asked for, in this order. */
export type Phase = 'create' | 'cleanup';

export interface Disturbance extends Pick<CrashPoint, 'side'> {
  /** In which the server is killed: each time at the first of its effects at which it has not been killed in this life. */
  readonly phase: Phase;
  /** At which effects. */
  readonly isAt: (effect: string) => boolean;
  /**
   * What whoever has asked does after a kill. `repeats`: the same with the same key, until it comes to its end. `leaves it`: the sweep has to
   * do the rest; for the next kill there is another job.
   */
  readonly afterwards: 'repeats' | 'leaves it';
}

export interface PrJobLife {
  /** The effects at which the server was killed, in their order, as `tapEffects` names them. */
  readonly killedAt: readonly string[];
  /** How many Jobs there were after each create that came to its end, or was left at that. */
  readonly jobs: readonly number[];
}

const name = 'shop-12';
/** More than there are effects: one that never comes to an end is noticed. */
const mostKills = 30;
const mostCleanups = 5;

/**
 * Lives of pull-request jobs in one namespace, database and instance of its own, with a real server as a process of its own. The builder is
 * left behind, as by a job that is cleaned up before its end. At each point the server is killed and another one is started. Throws when
 * anything is left at the end of any.
 */
export async function livePrJobs(github: FakeGitHub, disturbance: Disturbance): Promise<PrJobLife> {
  const { phase: disturbed, side, isAt, afterwards } = disturbance;
  await using namespace = await prJobNamespace();
  const settings = { PR_JOBS_NAMESPACES: namespace.name, PR_JOBS_IMAGES: 'busybox:1' };
  await using stage = await setStage({ github, settings });
  let server = await stage.start();
  const { text } = await createToken(stage.db, { name: 'jobs', scopes: ['admin'] });
  const instance = await instanceId(stage.db, 'nobody');
  const about = { name, namespace: namespace.name };
  const api = () => prJobsApi(server.url, `Bearer ${text}`);
  // What a server does first of all by itself is no part of this life.
  await soon(async () => {
    const sweeps = await stage.db.selectFrom('sweeps').select('state').orderBy('id').execute();
    expect(sweeps.at(-1)?.state).toBe('done');
  }, patience);
  const killedAt: string[] = [];
  const jobs: number[] = [];
  // The last one is disturbed nowhere: there was no effect left at which the server had not been killed.
  for (let isLast = false; !isLast;) {
    const key = `asked after ${killedAt.length} kills`;
    const createdWhole = await during('create', () => api().create(about, key));
    const jobNames = await jobsIn(namespace.name);
    jobs.push(jobNames.length);
    for (const jobName of jobNames) await leaveBuilder({ ...about, jobName, instance });
    const cleanedWhole = jobNames.length === 0 || (await during('cleanup', () => cleanupToTheEnd(api(), about)));
    isLast = afterwards === 'repeats' || (createdWhole && cleanedWhole);
    await soon(async () => {
      await sql`update pr_job_names set used_at = now() - interval '3 minutes'`.execute(stage.db);
      await api().sweep();
      expect(await stage.leftovers()).toEqual([]);
      expect(await namespace.contents()).toEqual([]);
      expect(await stage.db.selectFrom('prJobNames').select(['name', 'problem']).execute()).toEqual([]);
    }, patience);
  }
  return { killedAt, jobs };

  /** Whether it came to its end. */
  async function during(phase: Phase, act: () => Promise<unknown>): Promise<boolean> {
    if (phase !== disturbed) {
      await act();
      return true;
    }
    while (await isKilledWhile(act)) {
      if (afterwards === 'leaves it') return false;
      if (killedAt.length > mostKills) throw new Error(`${phase} never came to its end:\n${killedAt.join('\n')}`);
    }
    return true;
  }

  async function isKilledWhile(act: () => Promise<unknown>): Promise<boolean> {
    let at: string | undefined;
    using tap = tapEffects(
      { ...stage, github: stage.api },
      {
        side,
        isAt: (effect) => {
          if (!isAt(effect) || killedAt.includes(effect)) return false;
          at = effect;
          return true;
        },
      },
    );
    let isKilling = false;
    const killed = tap.reached.then(async () => {
      isKilling = true;
      await server.kill();
      tap[Symbol.dispose]();
      server = await stage.start();
      return true;
    });
    const acted = act().then(
      () => false,
      (error: unknown) => {
        // A server that is killed answers nobody.
        if (isKilling) return killed;
        throw error;
      },
    );
    const isKilled = await Promise.race([acted, killed]);
    if (isKilled) killedAt.push(at ?? 'nowhere');
    return isKilled;
  }
}

/** On a busy machine pods take longer to end than one cleanup waits for them. */
async function cleanupToTheEnd(api: PrJobsApi, about: { readonly name: string; readonly namespace: string }) {
  let answer: { success?: boolean; code?: string } = {};
  for (let tries = 0; tries < mostCleanups; tries += 1) {
    answer = (await (await api.ask({ action: 'cleanup', ...about })).json()) as typeof answer;
    if (answer.success === true) return;
    if (answer.code !== 'pr_job.cleanup_incomplete') break;
  }
  throw new Error(JSON.stringify(answer));
}

async function jobsIn(namespace: string): Promise<string[]> {
  const { items } = await kubectlJson<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(
    'get',
    'jobs',
    '-n',
    namespace,
  );
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
}
