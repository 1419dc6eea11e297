import type { FakeRepository } from '@ephemera/fake-github';
import fc from 'fast-check';
import { soon } from '../world.ts';
import type { Pull, Stage } from './stage.ts';

/** What may happen. Numbers choose among what is there at that moment; a step for which there is nothing does nothing. */
export type Step =
  | { readonly kind: 'open'; readonly repository: number }
  | { readonly kind: 'push' | 'close' | 'reopen' | 'edit'; readonly pull: number }
  /** An old delivery comes once more, or twice at the same time. */
  | { readonly kind: 'duplicate'; readonly delivery: number; readonly copies: number }
  /** The next delivery overtakes the one before it, or never comes. */
  | { readonly kind: 'reorder' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'outage'; readonly of: 'cluster' | 'database' | 'github' | 'watch' }
  /** Outages end, and a server runs. */
  | { readonly kind: 'calm' }
  /** The server gets the time to do what is due. */
  | { readonly kind: 'tick' };

const index = fc.nat({ max: 9 });

export const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('open' as const), repository: index }) },
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constantFrom('push', 'close', 'reopen', 'edit'), pull: index }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('duplicate' as const),
      delivery: index,
      copies: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('reorder', 'drop', 'crash', 'tick', 'calm') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('outage' as const),
      of: fc.constantFrom('cluster', 'database', 'github', 'watch'),
    }),
  },
);

/** More of them would only take longer: what goes wrong between two pull requests goes wrong with three. */
const mostPulls = 3;

export async function carryOut(stage: Stage, repositories: readonly FakeRepository[], step: Step): Promise<void> {
  const { github, kube, postgres } = stage;
  switch (step.kind) {
    case 'open': {
      const repository = repositories[step.repository % repositories.length];
      if (repository && stage.pulls.length < mostPulls)
        await stage.open(repository, { head: `branch-${stage.pulls.length}` });
      return;
    }
    case 'push':
    case 'close':
    case 'reopen':
    case 'edit':
      return act(step.kind, chosen(stage.pulls, step.pull));
    case 'duplicate': {
      const delivery = chosen(github.deliveries(), step.delivery);
      // Nobody waits for them: one that is to be overtaken is held until the next one comes.
      if (delivery) for (let copy = 0; copy < step.copies; copy += 1) void github.redeliver(delivery.id);
      return;
    }
    case 'reorder':
      github.faults([{ match: { event: 'pull_request' }, fault: { reorder: true }, times: 1 }]);
      return;
    case 'drop':
      github.faults([{ match: { event: 'pull_request' }, fault: { drop: true }, times: 1 }]);
      return;
    case 'crash':
      await stage.crash();
      // Without its database a server does not start; it comes back when the outage is over.
      if (!outages.get(stage)?.has('database')) await stage.start();
      return;
    case 'outage':
      return breakDown(stage, step.of);
    case 'calm':
      github.clearFaults();
      if (outages.get(stage)?.has('cluster')) await kube.up();
      if (outages.get(stage)?.has('database')) await postgres.up();
      outages.delete(stage);
      return stage.start();
    case 'tick':
      return idle(stage);
  }
}

type Outage = 'cluster' | 'database' | 'github' | 'watch';
const outages = new WeakMap<Stage, Set<Outage>>();

async function breakDown(stage: Stage, of: Outage): Promise<void> {
  const broken = outages.get(stage) ?? new Set<Outage>();
  if (broken.has(of)) return;
  outages.set(stage, broken.add(of));
  if (of === 'cluster') await stage.kube.down();
  else if (of === 'database') await stage.postgres.down();
  else if (of === 'github') stage.github.faults([{ match: { path: '/**' }, fault: { status: 503 } }]);
  else stage.kube.freezeStreams();
}

async function act(what: 'push' | 'close' | 'reopen' | 'edit', pull: Pull | undefined): Promise<void> {
  if (!pull) return;
  const { handle } = pull;
  const open = handle.view().state === 'open';
  if (what === 'reopen' ? open : !open) return;
  if (what === 'push') await handle.push();
  else if (what === 'close') await pull.close();
  else if (what === 'reopen') await handle.reopen();
  else await handle.edit({ title: `Edited ${handle.view().deliveries.length}` });
}

/** Until nothing is due or running, or until it is clear that an outage keeps it so. */
async function idle({ database }: Stage): Promise<void> {
  const busy = () =>
    database.db
      .selectFrom('work')
      .select('key')
      .where('kind', '!=', 'sweep')
      .where('parkedAt', 'is', null)
      .where('dueAt', '<=', new Date())
      .execute();
  await soon(
    async () => {
      if ((await busy()).length > 0) throw new Error('busy');
    },
    { timeout: 5_000 },
  ).catch(() => {});
}

function chosen<Item>(items: readonly Item[], number: number): Item | undefined {
  return items[number % Math.max(1, items.length)];
}
