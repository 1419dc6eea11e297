import { defineError } from '@ephemera/model';
import type { Catalogue } from './errors.ts';
import { load } from './load.ts';
import { table } from './markdown.ts';

interface HttpErrors {
  readonly errorAnswer: (error: unknown) => { status: number; body: { code: string; error: string } };
}

/** What the HTTP server itself refuses; it says no more than a status. */
const REFUSED_BEFORE_US = [400, 413, 414, 415, 500];

export async function errorsPage(root: string, catalogues: readonly Catalogue[]): Promise<string> {
  const { errorAnswer } = await load<HttpErrors>(root, 'apps/server/src/http-errors.ts');
  const answered = new Map<string, readonly string[]>([
    ['not_found', ['404', '`not_found`', 'There is nothing at ‹method› ‹path›.']],
  ]);
  for (const statusCode of REFUSED_BEFORE_US) {
    const { status, body } = errorAnswer({ statusCode });
    answered.set(`${body.code} ${status}`, [String(status), `\`${body.code}\``, body.error]);
  }
  for (const error of catalogues.flatMap(({ errors }) => errors)) {
    const Sample = defineError({ ...error, message: () => '', hint: '' });
    const { status } = errorAnswer(new Sample({}));
    if (status !== 500) answered.set(error.code, [String(status), `\`${error.code}\``, error.message]);
  }
  return [
    '# Errors',
    '',
    'Every error has a code that programs may rely on, a sentence that says what happened and where, mostly a hint that says what to do, and',
    '`retryable`: whether the same call can succeed later without anybody changing anything. `‹name›` stands for a value.',
    '',
    '## Answers of the HTTP API',
    '',
    'One shape: `{ "error": sentence, "code", "hint"?, "retryable", "details"? }`. Everything else is 500.',
    '',
    table(['status', 'code', 'says'], [...answered.values()].toSorted(byStatus)),
    ...catalogues.flatMap(({ owner, errors }) => [
      '',
      `## ${owner}`,
      '',
      table(
        ['code', 'says', 'what to do', 'retryable'],
        errors.map(({ code, message, hint, retryable }) => [
          `\`${code}\``,
          message,
          hint ?? '',
          retryable ? 'yes' : 'no',
        ]),
      ),
    ]),
  ].join('\n');
}

function byStatus(a: readonly string[], b: readonly string[]): number {
  return Number(a[0]) - Number(b[0]) || ((a[1] ?? '') < (b[1] ?? '') ? -1 : 1);
}
