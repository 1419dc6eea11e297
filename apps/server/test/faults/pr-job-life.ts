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
export const phases = ['create', 'cleanup'] as const;
export type Phase = (typeof phases)[number];

export interface Disturbance {
  /** Where the server is killed: at most once while each of these is under way. */
  readonly kills: Readonly<Partial<Record<Phase, CrashPoint>>>;
  /** Whether whoever asked for a job that was cut off leaves it at that. Else the same is asked again, with the same key. */
  readonly givesUp: boolean;
}

export interface PrJobLife {
  /** By phase, in their order. Of a phase with a kill, up to the kill. */
  readonly effects: Readonly<Record<Phase, readonly string[]>>;
  /** The phases in which the server was killed where it should be. */
  readonly killedIn: readonly Phase[];
  /** How many Jobs there were between the two phases. */
  readonly jobs: number;
}

const name = 'shop-12';

/**
 * The life of one pull-request job, with a real server as a process of its own, in a namespace, a database and an instance of its own. Its
 * builder is left behind, as a job does that is cleaned up before its end. At each of the points the server is killed and another one is
 * started. Throws when anything is left at the end.
 */
export async function livePrJob(
  github: FakeGitHub,
  { kills, givesUp }: Disturbance = { kills: {}, givesUp: false },
): Promise<PrJobLife> {
  await using namespace = await prJobNamespace();
  const settings = { PR_JOBS_NAMESPACES: namespace.name, PR_JOBS_IMAGES: 'busybox:1' };
  await using stage = await setStage({ github, settings });
  let server = await stage.start();
  const { text } = await createToken(stage.db, { name: 'jobs', scopes: ['admin'] });
  const about = { name, namespace: namespace.name };
  const api = () => prJobsApi(server.url, `Bearer ${text}`);
  // What a server does first of all by itself is no part of this life.
  await soon(async () => {
    const sweeps = await stage.db.selectFrom('sweeps').select('state').orderBy('id').execute();
    expect(sweeps.at(-1)?.state).toBe('done');
  }, patience);
  const effects: Record<Phase, readonly string[]> = { create: [], cleanup: [] };
  const killedIn: Phase[] = [];

  const create = () => api().create(about, 'the same each time');
  const madeWhole = await during('create', create);
  if (!madeWhole && !givesUp) await create();
  const jobNames = await jobsIn(namespace.name);
  const instance = await instanceId(stage.db, 'nobody');
  for (const jobName of jobNames) await leaveBuilder({ ...about, jobName, instance });

  const cleanup = () => cleanupToTheEnd(api(), about);
  const removedWhole = await during('cleanup', cleanup);
  // Of what is cut off after its Job is gone, the sweep does the rest.
  if (!removedWhole && (await jobsIn(namespace.name)).length > 0) await cleanup();

  await soon(async () => {
    await sql`update pr_job_names set used_at = now() - interval '3 minutes'`.execute(stage.db);
    await api().sweep();
    expect(await stage.leftovers()).toEqual([]);
    expect(await namespace.contents()).toEqual([]);
    expect(await stage.db.selectFrom('prJobNames').select(['name', 'problem']).execute()).toEqual([]);
  }, patience);
  return { effects, killedIn, jobs: jobNames.length };

  /** Whether it came to its end. */
  async function during(phase: Phase, act: () => Promise<unknown>): Promise<boolean> {
    using tap = tapEffects({ ...stage, github: stage.api }, kills[phase]);
    let isKilling = false;
    const killed = tap.reached.then(async () => {
      isKilling = true;
      await server.kill();
      tap[Symbol.dispose]();
      server = await stage.start();
      return 'killed' as const;
    });
    const acted = act().then(
      () => 'done' as const,
      (error: unknown) => {
        // A server that is killed answers nobody.
        if (isKilling) return killed;
        throw error;
      },
    );
    const how = await Promise.race([acted, killed]);
    effects[phase] = tap.recorded;
    if (how === 'killed') killedIn.push(phase);
    return how === 'done';
  }
}

/** On a busy machine pods take longer to end than one cleanup waits for them. */
async function cleanupToTheEnd(api: PrJobsApi, about: { readonly name: string; readonly namespace: string }) {
  for (;;) {
    const response = await api.ask({ action: 'cleanup', ...about });
    const answer = (await response.json()) as { success?: boolean; code?: string };
    if (answer.success === true) return;
    if (answer.code !== 'pr_job.cleanup_incomplete') throw new Error(JSON.stringify(answer));
  }
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
