import { randomBytes } from 'node:crypto';
import { connectCluster, findAccess, instanceOwner } from '@ephemera/kube';
import { openApiServer } from '../api-server.ts';
import type { BenchOptions, Measured } from '../benchmark.ts';
import { clusterOf } from '../cluster.ts';
import type { Figure } from '../figures.ts';
import { compileFigures, runFigures, statusFigures } from './aims.ts';
import { measureCompile } from './compile-many.ts';
import { benchNamespace, namespacesLeft } from './namespace.ts';
import { profiled } from './profile.ts';
import { measureRounds } from './rounds.ts';
import { measureStatus } from './status-of-many.ts';

/** As many as a program opens that sends 40 jobs at once. */
const connections = 40;
const specs = 1_000;
const watched = 1_000;

/** Runs so many jobs at once, beside the same objects sent by hand; compiles and watches a thousand. */
export async function jobs(options: BenchOptions): Promise<Measured> {
  const { counts, context, profile, signal, say } = options;
  const figures: Figure[] = [...compileFigures(measureCompile(specs), specs)];
  say(`${specs} manifests compiled`);
  await using stack = new AsyncDisposableStack();
  const local = stack.use(await clusterOf({ context, signal, say }));
  const access = findAccess({ context, kubeconfigPath: local.kubeconfigPath });
  say(`Measured on ${access.source}`);
  const instance = `bench-${randomBytes(4).toString('hex')}`;
  const api = stack.use(await openApiServer(access, connections));
  const cluster = stack.use(await connectCluster(access, instanceOwner(instance)));
  {
    await using namespace = await benchNamespace({ api, instance, signal });
    const place = { api, cluster, namespace: namespace.name, signal, say };
    for (const count of counts) {
      say(`\n${count} job${count === 1 ? '' : 's'}`);
      figures.push(...runFigures(count, await profiled(profile, `jobs-${count}`, () => measureRounds(place, count))));
    }
    say(`\n${watched} suspended jobs`);
    figures.push(...statusFigures(watched, await measureStatus(place, watched)));
  }
  return { figures, leftovers: await namespacesLeft(api, instance) };
}
