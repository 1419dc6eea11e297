import type { Cluster, Judgement } from '@ephemera/kube';
import type { Question } from './matrix.ts';

/** Two thousand questions, one after the other, would take minutes on a cluster that is far away. */
const atOnce = 16;

export interface Answered extends Question, Judgement {}

/** Asks the API server about every right, in order of the questions. One that it does not answer ends them all. */
export async function askAll(
  cluster: Cluster,
  user: string,
  questions: readonly Question[],
  signal?: AbortSignal,
): Promise<readonly Answered[]> {
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const answers = Array.from<Answered>({ length: questions.length });
  const rest = questions.entries();
  const worker = async (): Promise<void> => {
    for (const [index, question] of rest) {
      answers[index] = { ...question, ...(await cluster.judge({ user }, question.right, either)) };
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } catch (thrown) {
    // The others would go on asking, with nobody to answer to.
    failed.abort(thrown);
    throw thrown;
  }
  return answers;
}
