import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkOrder, prJobObject, serviceAccountObject } from '../src/index.ts';
import { createAsSomebodyElse, patience, startWorld, type World } from './world.ts';

let world: World;
let namespace: string;
beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespaceWithPods('script');
});
afterAll(() => world[Symbol.asyncDispose]());

test('a kubelet gives the script and a hostile branch to the job as they are', async () => {
  // What a kubelet would replace: variables of this very container, and doubled dollars.
  const branch = '$(NAMESPACE)-$$(PR_NUMBER)-$$-${HOME}';
  const url = 'http://127.0.0.1:1/acme/shop';
  const order = checkOrder({
    name: 'hostile',
    namespace,
    // Without git: it gets as far as the fetch.
    image: 'busybox:1',
    repository: { url, branch, pullRequest: 12, imageName: 'shop:pr-12' },
  });
  await createAsSomebodyElse(serviceAccountObject({ name: 'hostile', namespace }));
  await createAsSomebodyElse(prJobObject({ order, jobName: 'pr-job-hostile-1767225600000', request: 'r' }));

  const log = await vi.waitFor(async () => {
    const text = await kubectl(['logs', '-n', namespace, '-l', 'pr-name=hostile', '--tail=-1']);
    expect(text).toContain('git: not found');
    return text;
  }, patience);

  expect(log).toContain(`Fetching pull request 12, branch ${branch} of ${url}.`);
});
