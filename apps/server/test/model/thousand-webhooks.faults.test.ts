import { expect, test } from 'vitest';
import { soon } from '../world.ts';
import { seeded } from './random.ts';
import { openStage, type Pull, type Stage } from './stage.ts';

/** That many are acknowledged; those that meet a dead server come on top. */
const webhooks = 1_000;
const pullRequests = 50;
const repositories = 10;
const kills = 6;
/** Sent at the same time. */
const burst = 50;

test('1,000 webhooks on 50 pull requests in 10 repositories by 10 authors, with random kills: none lost, nothing twice, nothing removed wrongly', async () => {
  const seed = process.env.EPHEMERA_SEED === undefined ? Date.now() : Number(process.env.EPHEMERA_SEED);
  process.stdout.write(`webhooks: seed ${seed}\n`);
  const random = seeded(seed);
  await using stage = await openStage();
  const homes = await Promise.all(
    Array.from({ length: repositories }, (_, index) =>
      stage.github.repository({ owner: `team-${index % 3}`, name: `service-${index}` }),
    ),
  );
  for (let index = 0; index < pullRequests; index += 1) {
    const home = homes[index % repositories];
    if (home) await stage.open(home, { head: `branch-${index}`, author: `author-${(index * 3) % 10}` });
  }

  const killAt = new Set(Array.from({ length: kills }, () => 100 + Math.floor(random() * (webhooks - 200))));
  let killed = 0;
  const acknowledgedNow = () => stage.github.deliveries().filter(({ status }) => status === 202);
  while (acknowledgedNow().length < webhooks) {
    const before = acknowledgedNow().length;
    const due = [...killAt].filter((at) => at <= before);
    for (const at of due) killAt.delete(at);
    const sending = Promise.all(Array.from({ length: burst }, () => act(stage, random)));
    if (due.length > 0) {
      killed += 1;
      await stage.crash();
      await stage.start();
    }
    await sending;
    await soon(async () => expect(stage.github.deliveries().every(({ ms }) => ms !== null)).toBe(true));
  }
  await stage.settled(240_000);

  const sent = stage.github.deliveries();
  const acknowledged = acknowledgedNow().map(({ id }) => id);
  const rows = await stage.database.db.selectFrom('deliveries').select('deliveryId').execute();
  const recorded = new Set(rows.map(({ deliveryId }) => deliveryId));
  const lost = acknowledged.filter((id) => !recorded.has(id));
  const world = await stage.truth();
  const wrongfulDeletes = stage.pulls.filter(
    ({ closes, handle, repository }) =>
      world.environments.filter(
        ({ repositoryId, prNumber, wantedState }) =>
          repositoryId === repository.id && prNumber === handle.number && wantedState === 'closed',
      ).length > closes,
  );
  const duplicates = await stage.violated();
  process.stdout.write(
    `webhooks: ${sent.length} sent, ${acknowledged.length} acknowledged, ${sent.length - acknowledged.length} met a dead server, ` +
      `${killed} kills; ${lost.length} acknowledged and lost, ${duplicates.length} duplicates, ${wrongfulDeletes.length} wrongful deletes\n`,
  );
  expect(killed).toBeGreaterThan(0);
  expect({ lost, duplicates, wrongfulDeletes }).toEqual({ lost: [], duplicates: [], wrongfulDeletes: [] });

  for (const pull of stage.pulls) if (pull.handle.view().state === 'open') await pull.close();
  await stage.settled(240_000);
  expect((await stage.truth()).namespaces).toEqual([]);
}, 600_000);

/** What people do on GitHub, most of it harmless: titles, labels and pushes; some closing and reopening; deliveries that come twice. */
async function act({ pulls, github }: Stage, random: () => number): Promise<void> {
  const pull = pulls[Math.floor(random() * pulls.length)] as Pull;
  const open = pull.handle.view().state === 'open';
  const dice = random();
  if (!open) await pull.handle.reopen();
  else if (dice < 0.35) await pull.handle.edit({ title: `Title ${Math.floor(random() * 1e6)}` });
  else if (dice < 0.5) await pull.handle.edit({ labels: [`label-${Math.floor(random() * 1e6)}`] });
  else if (dice < 0.85) await pull.handle.push();
  else if (dice < 0.92) await pull.close();
  else {
    const earlier = github.deliveries();
    const delivery = earlier[Math.floor(random() * earlier.length)];
    if (delivery) await github.redeliver(delivery.id);
  }
}
