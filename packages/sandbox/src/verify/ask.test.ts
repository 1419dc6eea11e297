import type { Cluster } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { askAll } from './ask.ts';
import type { Question } from './matrix.ts';

const questions = Array.from({ length: 200 }, (_, index): Question => {
  const right = { verb: 'get', group: '', resource: `r${index}` };
  return { right, wanted: false };
});
type Judge = Cluster['judge'];
const clusterThat = (judge: Judge) => ({ judge }) as Cluster;

test('every question has its answer, in their order', async () => {
  const judge: Judge = async (_subject, { resource }) => ({ allowed: resource.endsWith('7') });
  const answers = await askAll(clusterThat(judge), 'somebody', questions);
  expect(answers).toEqual(
    questions.map((question) => ({ ...question, allowed: question.right.resource.endsWith('7') })),
  );
});

test('one that is not answered ends all: those under way are broken off, and no further one is asked', async () => {
  const problem = new Error('no answer');
  let asked = 0;
  let brokenOff = 0;
  const judge: Judge = async (_subject, { resource }, signal) => {
    asked += 1;
    if (resource === 'r15') throw problem;
    const { promise, reject } = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => {
      brokenOff += 1;
      reject(signal.reason as Error);
    });
    return promise;
  };
  await expect(askAll(clusterThat(judge), 'somebody', questions)).rejects.toBe(problem);
  await expect.poll(() => brokenOff).toBe(15);
  expect(asked).toBe(16);
});
