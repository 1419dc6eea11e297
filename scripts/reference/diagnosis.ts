import { load } from './load.ts';
import { table } from './markdown.ts';

interface Described {
  readonly diagnosisCodes: readonly {
    readonly code: string;
    readonly means: string;
    readonly final: string;
    readonly retryable: string;
    readonly remedy: string;
  }[];
}

export async function diagnosisPage(root: string): Promise<string> {
  const { diagnosisCodes } = await load<Described>(root, 'packages/kube/src/diagnose/diagnosis.ts');
  return [
    '# Diagnosis',
    '',
    'Why something that should run in the cluster does not: a code that programs may rely on, a sentence with the words of the cluster, what to',
    'do, and two answers. *Final*: waiting longer cannot help. *Retryable*: the same thing may work another time without anybody changing',
    'anything. A pod that is merely slow, for example because its image is large, has no diagnosis.',
    '',
    'Of several problems one is told: what is final before what may pass, then in the order of this table.',
    '',
    table(
      ['code', 'what it means', 'final', 'retryable', 'what to do'],
      diagnosisCodes.map(({ code, means, final, retryable, remedy }) => [
        `\`${code}\``,
        means,
        final,
        retryable,
        remedy,
      ]),
    ),
    '',
    'For the pods of a Job "nothing restarts it any more" is so when the Job has failed, when a rule of its `podFailurePolicy` says `FailJob`, or',
    'when `backoffLimit` is used up; without a Job, when the container has ended and `restartPolicy` is `Never`, or it ends again and again.',
    '',
    'Some of this stands only in the events of the cluster, which are kept for an hour. Where the account may not list events, the states of the',
    'pods still say most, and the hint says that events are missing. A call of ours that is refused is no diagnosis but',
    '[`kube.forbidden`](errors.md).',
  ].join('\n');
}
